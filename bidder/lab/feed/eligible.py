"""Which requests can be bid on at all: the measure for a bidder that has a creative of every format and size.

A request is eligible where at least one of its imps leaves room for a bid that a strict exchange accepts. What one
bidder lacks (a currency, an advertiser, a category, consent to use an identifier) makes no request ineligible.
"""

import re
from collections.abc import Iterator
from typing import Final

from openrtb import DecodeError, decode_native_request
from openrtb.enums import BannerAdTypes
from openrtb.imp import Audio, Banner, Deal, Imp, Native, Video
from openrtb.request import BidRequest

_MEDIA_TYPE = re.compile(r"(video|audio|application)/[\w.+-]+")

SHORTEST_TMAX_MS: Final = 10
"""Less time than this is gone on the way there and back."""

HIGHEST_FLOOR_CPM: Final = 1_000
"""A floor above this, in whatever currency, is a mistake of the sender: no impression is worth a unit of money."""


def eligible(request: BidRequest, seat: str | None = None) -> bool:
    """Whether a bidder with a creative of every format and size could bid on `request`.

    `seat` is the bidder's; without one it may bid where no seats are named.
    """
    return why_ineligible(request, seat) is None


def why_ineligible(request: BidRequest, seat: str | None = None) -> str | None:
    """Why nobody, or not this `seat`, could bid on `request`; `None` where somebody could.

    The reasons are few and hold no values of the request, so that they can be counted. Of a request with several imps
    it is the reason of the first. OpenRTB 2.6, 3.2.1 and 3.2.4 to 3.2.12.
    """
    reason = _request(request, seat)
    if reason is not None:
        return reason
    reasons = [_imp(imp, seat) for imp in request.imp]
    return None if None in reasons else reasons[0]


def _request(request: BidRequest, seat: str | None) -> str | None:
    obstacles = {
        "the request has no id": not request.id,
        "the request has no imp": not request.imp,
        "tmax leaves no time to answer": request.tmax is not None and request.tmax < SHORTEST_TMAX_MS,
        "wseat names other seats": bool(request.wseat) and seat not in (request.wseat or ()),
        "bseat names the seat": seat is not None and seat in (request.bseat or ()),
        "bcat blocks all that acat allows": bool(request.acat) and set(request.acat or ()) <= set(request.bcat or ()),
    }
    return next((reason for reason, holds in obstacles.items() if holds), None)


def _imp(imp: Imp, seat: str | None) -> str | None:
    if not imp.id:
        return "the imp has no id"
    reasons = list(_media(imp))
    if not reasons:
        return "the imp has no banner, video, audio or native"
    return _money(imp, seat) if None in reasons else reasons[0]


def _media(imp: Imp) -> Iterator[str | None]:
    """For each media type of the imp, why none of its creatives would do."""
    if imp.banner is not None:
        yield _banner(imp.banner)
    if imp.video is not None:
        yield _timed(imp.video, "video")
    if imp.audio is not None:
        yield _timed(imp.audio, "audio")
    if imp.native is not None:
        yield _native(imp.native)


def _banner(banner: Banner) -> str | None:
    sized = any((size.w and size.h) or (size.wratio and size.hratio) for size in banner.format or ())
    if not sized and not (banner.w and banner.h):
        return "the banner has no size"
    if set(BannerAdTypes) <= set(banner.btype or ()):
        return "the banner blocks every type of ad"
    return None


def _timed(media: Video | Audio, name: str) -> str | None:
    if not media.mimes:
        return f"the {name} has no mimes"
    if not any(_MEDIA_TYPE.fullmatch(mime.strip()) for mime in media.mimes):
        return f"the {name} has no media type among its mimes"
    if media.maxduration is not None and media.maxduration < max(media.minduration, 1) and not media.rqddurs:
        return f"no length fits the {name}"
    if media.minbitrate is not None and media.maxbitrate is not None and media.minbitrate > media.maxbitrate:
        return f"no bitrate fits the {name}"
    return None


def _native(native: Native) -> str | None:
    try:
        wanted = decode_native_request(native.request)
    except DecodeError:
        return "the native request cannot be read"
    if not wanted.assets:
        return "the native request has no assets"
    for asset in wanted.assets:
        kinds = (asset.title, asset.img, asset.video, asset.data)
        if asset.required == 1 and all(kind is None for kind in kinds):
            return "a required native asset is of no kind"
    return None


def _money(imp: Imp, seat: str | None) -> str | None:
    """The open auction or one of the deals has to be within reach."""
    deals = (imp.pmp.deals if imp.pmp is not None else None) or []
    if any(_usable(deal, seat) for deal in deals):
        return None
    if imp.pmp is not None and imp.pmp.private_auction == 1:
        return "a private auction without a deal for us" if deals else "a private auction without deals"
    return "the floor is beyond reason" if imp.bidfloor > HIGHEST_FLOOR_CPM else None


def _usable(deal: Deal, seat: str | None) -> bool:
    """Whether a bidder may use the deal without being one of the advertisers it names."""
    for_seat = not deal.wseat or seat in deal.wseat
    return bool(deal.id) and for_seat and not deal.wadomain and deal.bidfloor <= HIGHEST_FLOOR_CPM
