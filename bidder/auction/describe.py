"""The facts of a request and an imp that a model may learn from, as they were when the bid was made."""

from bidder.auction.conditions import viewability
from bidder.auction.score import Facts
from bidder.auction.view import View, sizes
from openrtb.imp import Imp

EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday; Monday is 0."""


def describe(view: View, imp: Imp, auction_type: int) -> Facts:
    """Facts by name; `None` where the request says nothing. Personal ones are left out where they may not be used."""
    request, device, user, geo, place = view.request, view.device, view.user, view.geo, view.place
    system, version = view.system
    hours = int(view.now) // 3600 if geo is None or not geo.utcoffset else int(view.now + 60 * geo.utcoffset) // 3600
    personal = user if view.personal else None
    return {
        "exchange": view.exchange,
        "environment": "app" if request.app is not None else "site" if request.site is not None else "dooh",
        "domain": place.domain if place is not None else None,
        "bundle": request.app.bundle if request.app is not None else None,
        "publisher": place.publisher.id if place is not None and place.publisher is not None else None,
        "tagid": imp.tagid,
        "size": next(iter(sizes(imp)), None),
        "position": imp.banner.pos if imp.banner is not None else imp.video.pos if imp.video is not None else None,
        "interstitial": imp.instl,
        "rewarded": imp.rwdd,
        "viewability": viewability(imp),
        "bidfloor": imp.bidfloor,
        "auction_type": auction_type,
        "country": geo.country if geo is not None else None,
        "region": geo.region if geo is not None else None,
        "city": geo.city if geo is not None else None,
        "device_type": device.devicetype if device is not None else None,
        "os": system or None,
        "os_version": version or None,
        "browser": view.browser or None,
        "make": device.make if device is not None else None,
        "model": device.model if device is not None else None,
        "connection": device.connectiontype if device is not None else None,
        "language": device.language if device is not None else None,
        "hour": hours % 24,
        "weekday": (hours // 24 + EPOCH_WEEKDAY) % 7,
        "user": (personal.buyeruid or personal.id) if personal is not None else None,
        "segments": view.segment_count(),
    }
