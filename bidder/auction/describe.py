"""The facts of a request and an imp that a model may learn from, as they were when the bid was made."""

from bidder.auction.conditions import viewability
from bidder.auction.score import Facts
from bidder.auction.view import View
from openrtb.imp import Imp

EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday; Monday is 0."""


def describe(view: View, imp: Imp, auction_type: int, size: str | None) -> Facts:
    """Facts by name; `None` where the request says nothing. `size` is the first that is offered.

    Personal facts are left out where they may not be used.
    """
    request, device, user, geo, place = view.request, view.device, view.user, view.geo, view.place
    system, version = view.system
    app, banner, video, publisher = request.app, imp.banner, imp.video, place.publisher
    hours = int(view.now) // 3600 if not geo.utcoffset else int(view.now + 60 * geo.utcoffset) // 3600
    personal = user if view.personal else None
    return {
        "exchange": view.exchange,
        "environment": "app" if app is not None else "site" if request.site is not None else "dooh",
        "domain": place.domain,
        "bundle": app.bundle if app is not None else None,
        "publisher": publisher.id if publisher is not None else None,
        "tagid": imp.tagid,
        "size": size,
        "position": banner.pos if banner is not None else video.pos if video is not None else None,
        "interstitial": imp.instl,
        "rewarded": imp.rwdd,
        "viewability": viewability(imp) if imp.metric else None,
        "bidfloor": imp.bidfloor,
        "at_ms": int(view.now * 1000),
        "auction_type": auction_type,
        "country": geo.country,
        "region": geo.region,
        "city": geo.city,
        "device_type": device.devicetype,
        "os": system or None,
        "os_version": version or None,
        "browser": view.browser or None,
        "make": device.make,
        "model": device.model,
        "connection": device.connectiontype,
        "language": device.language,
        "hour": hours % 24,
        "weekday": (hours // 24 + EPOCH_WEEKDAY) % 7,
        "user": (personal.buyeruid or personal.id) if personal is not None else None,
        "segments": view.segment_count(),
    }
