"""The request as a bid meets it: what was offered, looked up once, so that judging a bid does not scan the request."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from openrtb.enums import CreativeMarkupTypes
from openrtb.errors import DecodeError
from openrtb.extensions import DSARequest, extension
from openrtb.imp import Audio, Banner, Deal, Imp, Native, Video
from openrtb.native import NativeRequest
from openrtb.request import BidRequest
from openrtb.response import Bid
from openrtb.validate.domain import host
from openrtb.validate.finding import Finding
from openrtb.validate.money import LengthFloors
from openrtb.validate.native_request import read_native

MediaObject = Banner | Video | Audio | Native

Rates = Mapping[str, int]
"""Currency code -> what one unit of it is worth, in micros of one currency common to all entries."""


class Media:
    """One media type offered for an imp."""

    def __init__(self, mtype: CreativeMarkupTypes, source: MediaObject) -> None:
        self.mtype = mtype
        self.name = mtype.name.lower()
        self.source = source
        self.battr = frozenset(source.battr or ())
        self.api = frozenset(source.api or ())
        self.mimes = dict.fromkeys(mime.lower() for mime in (getattr(source, "mimes", None) or ()))
        timed = source if isinstance(source, Video | Audio) else None
        self.timed = timed
        self.protocols = dict.fromkeys((timed and timed.protocols) or ())
        self.rqddurs = frozenset((timed and timed.rqddurs) or ())
        self.floors = LengthFloors.of(timed) if timed is not None else None


class NativeOffer:
    """What a native placement asks for: its assets by id, the ids it requires, the event and method pairs it tracks."""

    def __init__(self, wanted: NativeRequest) -> None:
        self.assets = {asset.id: asset for asset in wanted.assets if asset.id is not None}
        self.required = dict.fromkeys(number for number, asset in self.assets.items() if asset.required == 1).keys()
        self.trackers = {
            (tracker.event, method): None for tracker in wanted.eventtrackers or () for method in tracker.methods
        }


class Terms:
    """One deal offered for an imp."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self.wseat = frozenset(deal.wseat or ())
        self.wadomain = frozenset(host(domain) for domain in deal.wadomain or ())
        self.floors = LengthFloors.of(deal)


class Offer:
    """One imp: its media by `mtype`, its deals by id, its sizes."""

    def __init__(self, imp: Imp) -> None:
        self.imp = imp
        sources = zip(CreativeMarkupTypes, (imp.banner, imp.video, imp.audio, imp.native), strict=True)
        self.media = {int(mtype): Media(mtype, source) for mtype, source in sources if source is not None}
        self.private = imp.pmp is not None and imp.pmp.private_auction == 1

    @cached_property
    def deals(self) -> dict[str, Terms]:
        pmp = self.imp.pmp
        return {deal.id: Terms(deal) for deal in (pmp.deals if pmp is not None else None) or ()}

    @cached_property
    def sizes(self) -> dict[tuple[int, int], None]:
        """Width and height, in device-independent pixels, of each banner that fits, in the order offered."""
        banner = self.imp.banner or Banner()
        sizes = [*((size.w, size.h) for size in banner.format or ()), (banner.w, banner.h)]
        return {(w, h): None for w, h in sizes if w and h and w > 0 and h > 0}

    @cached_property
    def ratios(self) -> dict[tuple[int, int], None]:
        """Width and height of each Flex Ad ratio that fits, in the order offered; a negative one offers nothing."""
        formats = (self.imp.banner or Banner()).format or ()
        ratios = [(size.wratio, size.hratio) for size in formats]
        return {(w, h): None for w, h in ratios if w and h and w > 0 and h > 0}

    @cached_property
    def native(self) -> NativeOffer | None:
        """What the native placement asks for; `None` where its request cannot be read."""
        if self.imp.native is None or not self.imp.native.request:
            return None
        wanted = read_native(self.imp.native, "")
        return None if isinstance(wanted, Finding) else NativeOffer(wanted)


class Auction:
    """One request, what bids on it are compared with, and the currency the bids are in."""

    def __init__(self, request: BidRequest, cur: str, rates: Rates | None) -> None:
        self.request = request
        self.cur = cur
        self.rates = rates or {}
        self.dsa = _transparency(request)
        self.offers: dict[str, Offer] = {}
        for imp in request.imp:
            if imp.id:
                self.offers.setdefault(imp.id, Offer(imp))
        self.wseat = frozenset(request.wseat or ())
        self.bseat = frozenset(request.bseat or ())
        self.bcat = frozenset(request.bcat or ())
        self.acat = frozenset(request.acat or ())
        self.badv = frozenset(host(domain) for domain in request.badv or ())
        self.bapp = frozenset(request.bapp or ())
        self.wlang = frozenset(tag.lower().partition("-")[0] for tag in request.wlang or ())
        self.wlangb = frozenset(tag.lower() for tag in request.wlangb or ())
        self.wlangb_main = frozenset(tag.partition("-")[0] for tag in self.wlangb)


def _transparency(request: BidRequest) -> DSARequest:
    """The transparency asked for; none where `regs.ext` cannot be read, which `validate_request` reports."""
    if request.regs is None:
        return DSARequest()
    try:
        return extension(request.regs).dsa or DSARequest()
    except DecodeError:
        return DSARequest()


@dataclass(frozen=True, slots=True)
class Case:
    """One bid under judgement; `offer` is `None` where its impid is unknown, `media` where its type is unclear."""

    bid: Bid
    path: str
    seat: str | None
    auction: Auction
    offer: Offer | None = None
    media: Media | None = None
    terms: Terms | None = None  # of the deal that the bid names
