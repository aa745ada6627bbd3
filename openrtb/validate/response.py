"""`validate_response`: what a strict exchange would find wrong with the answer to its request."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from openrtb.codec import encode_response
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from openrtb.validate import attributes, codes
from openrtb.validate.bid import check_bid, open_case
from openrtb.validate.blocks import check_blocks, check_seat
from openrtb.validate.creative import check_creative
from openrtb.validate.deal import check_deal, check_guaranteed
from openrtb.validate.dsa import check_dsa
from openrtb.validate.finding import Finding, collected, finding, shown
from openrtb.validate.imp import check_currency
from openrtb.validate.markup import check_markup
from openrtb.validate.offer import Auction, Case, Rates
from openrtb.validate.price import check_price
from openrtb.validate.walk import walk

BID_CHECKS: Final[tuple[Callable[[Case], Iterator[Finding]], ...]] = (
    check_bid,
    check_price,
    check_deal,
    check_blocks,
    check_creative,
    check_markup,
    check_dsa,
)
"""What each bid is held to, beyond single attributes."""


def validate_response(
    response: BidResponse,
    request: BidRequest,
    *,
    max_bytes: int | None = None,
    rates: Rates | None = None,
) -> list[Finding]:
    """Every rule that the response to `request` breaks, up to `MAX_FINDINGS` times. Raises nothing.

    `max_bytes` is the largest encoded response the receiver takes. `rates` says what one unit of each currency is
    worth, in micros of one currency common to all entries, such as `{"USD": 1_000_000, "EUR": 1_085_000}`; where a
    rate is missing, a price is not compared with a floor in another currency, and a finding of severity info says so.
    A no-bid in any form of OpenRTB 2.6, section 4, is valid unless a guaranteed deal was offered.
    """
    return collected(_findings(response, Auction(request, response.cur, rates), max_bytes))


def _findings(response: BidResponse, auction: Auction, max_bytes: int | None) -> Iterator[Finding]:
    yield from check_guaranteed(response, auction)
    if response == BidResponse():
        return
    for node, path in walk(response, "$"):
        yield from attributes.check(node, path)
        yield from codes.check(node, path)
    yield from _head(response, auction)
    yield from _size(response, max_bytes)
    yield from _bid_ids(response)
    yield from _pods(response, auction)
    for index, seatbid in enumerate(response.seatbid or ()):
        yield from _seatbid(seatbid, f"$.seatbid[{index}]", auction)


def _head(response: BidResponse, auction: Auction) -> Iterator[Finding]:
    request = auction.request
    if response.id and response.id != request.id:
        yield finding("resp-id", "$.id", f"{shown(response.id)} is not the id of the request, {shown(request.id)}")
    yield from check_currency(response.cur, "$.cur")
    if response.seatbid and request.cur and response.cur not in request.cur:
        message = f"{shown(response.cur)} is not a currency of the request: {shown(request.cur)}"
        yield finding("req-cur-list", "$.cur", message)
    if response.nbr is not None and response.seatbid:
        message = f"{response.nbr} says why there is no bid, but there is a seatbid; send one of them"
        yield finding("nbr-with-bids", "$.nbr", message)


def _size(response: BidResponse, max_bytes: int | None) -> Iterator[Finding]:
    if max_bytes is None:
        return
    try:
        size = len(encode_response(response))
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start : error.end])
        yield finding("response-unwritable", "$", f"{half} in a text is half of a surrogate pair; leave it out")
        return
    if size > max_bytes:
        yield finding("response-size", "$", f"{size} bytes; the receiver takes {max_bytes}")


def _bid_ids(response: BidResponse) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for bid, path in _bids(response):
        if bid.id and first.setdefault(bid.id, path) != path:
            message = f"{shown(bid.id)} is also the id of {first[bid.id]}; ids are unique in a response"
            yield finding("bid-id-unique", f"{path}.id", message)


def _bids(response: BidResponse) -> Iterator[tuple[Bid, str]]:
    for outer, seatbid in enumerate(response.seatbid or ()):
        for inner, bid in enumerate(seatbid.bid):
            yield bid, f"$.seatbid[{outer}].bid[{inner}]"


def _pods(response: BidResponse, auction: Auction) -> Iterator[Finding]:
    """All bids for a dynamic pod fit into it together (implementation guide, 7.6)."""
    lengths: dict[str, list[int]] = defaultdict(list)
    for bid, _ in _bids(response):
        lengths[bid.impid].append(bid.dur or 0)
    for impid, durations in lengths.items():
        offer = auction.offers.get(impid)
        for pod in (media.timed for media in offer.media.values()) if offer is not None else ():
            if pod is None or pod.poddur is None:
                continue
            if sum(durations) > pod.poddur:
                message = f"bids for imp {shown(impid)} last {sum(durations)} s; the pod takes {pod.poddur} s"
                yield finding("pod-dynamic-fit", "$.seatbid", message)
            if pod.maxseq is not None and len(durations) > pod.maxseq:
                message = f"{len(durations)} bids for imp {shown(impid)}; the pod takes {pod.maxseq} ads"
                yield finding("pod-dynamic-fit", "$.seatbid", message)


def _seatbid(seatbid: SeatBid, path: str, auction: Auction) -> Iterator[Finding]:
    yield from check_seat(seatbid.seat, path, auction)
    impids = {bid.impid for bid in seatbid.bid}
    if seatbid.group == 1 and len(impids) < len(seatbid.bid):
        message = "1 (all or none), but several bids are for one imp and cannot all win"
        yield finding("seatbid-group", f"{path}.group", message)
    for index, bid in enumerate(seatbid.bid):
        case = open_case(bid, f"{path}.bid[{index}]", seatbid.seat, auction)
        for check in BID_CHECKS:
            yield from check(case)
