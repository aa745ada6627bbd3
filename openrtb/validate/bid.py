"""Rules on a single bid: what it refers to and what its markup is said to be."""

from collections.abc import Iterator

from openrtb.enums import CreativeMarkupTypes
from openrtb.response import Bid
from openrtb.validate.finding import Finding, finding, listed, shown
from openrtb.validate.markup import kind_of
from openrtb.validate.offer import Auction, Case, Media, Offer


def open_case(bid: Bid, path: str, seat: str | None, auction: Auction) -> Case:
    """The bid together with the imp, the media object and the deal it is for."""
    offer = auction.offers.get(bid.impid)
    if offer is None:
        return Case(bid, path, seat, auction)
    terms = offer.deals.get(bid.dealid) if bid.dealid else None
    return Case(bid, path, seat, auction, offer, _media(bid, offer), terms)


def _media(bid: Bid, offer: Offer) -> Media | None:
    """The media object meant: by `mtype`, else the only one, else the one that the markup looks like."""
    if bid.mtype is not None:
        return offer.media.get(bid.mtype)
    if len(offer.media) == 1:
        return next(iter(offer.media.values()))
    kind = kind_of(bid.adm) if bid.adm else None
    if kind is CreativeMarkupTypes.VIDEO and kind not in offer.media:
        kind = CreativeMarkupTypes.AUDIO  # VAST serves both
    return offer.media.get(kind) if kind is not None else None


def check_bid(case: Case) -> Iterator[Finding]:
    """OpenRTB 2.6, 4.2.3: `impid`, `mtype`, `crid`."""
    bid, path = case.bid, case.path
    if not bid.crid:
        yield finding("bid-crid", f"{path}.crid", "crid is missing; name the creative, so that it can be reviewed")
    if case.offer is None:
        if bid.impid:
            message = f"{shown(bid.impid)} is no imp of the request; offered: {shown(case.auction.offers)}"
            yield finding("bid-impid", f"{path}.impid", message)
    elif bid.mtype is None:
        yield from _untyped(case.offer, path)
    elif bid.mtype not in case.offer.media:
        message = f"{bid.mtype}, but the imp offers {_offered(case.offer)}"
        yield finding("imp-multi-format", f"{path}.mtype", message)


def _untyped(offer: Offer, path: str) -> Iterator[Finding]:
    if len(offer.media) != 1:
        message = f"mtype is missing, but the imp offers {_offered(offer)}; say which the markup is"
        yield finding("imp-multi-format", f"{path}.mtype", message)
    else:
        yield finding("bid-mtype", f"{path}.mtype", f"mtype is missing; right is {_offered(offer)}")


def _offered(offer: Offer) -> str:
    return listed((f"{mtype} ({media.name})" for mtype, media in offer.media.items()), len(offer.media))
