"""From an answer to the hammer: judge it, clear each imp, decide what will follow."""

from collections.abc import Iterator

from msgspec import Struct

from bidder.lab.exchange.clearing import Outcome, clear
from bidder.lab.exchange.client import MAX_ANSWER_BYTES
from bidder.lab.exchange.fate import Fate, decide
from bidder.lab.exchange.market import Market
from bidder.lab.exchange.substitution import Auctioned
from bidder.lab.exchange.traffic import Opportunity
from bidder.lab.exchange.truth import Truth
from openrtb import DecodeError, decode_request, decode_response
from openrtb.enums import LossReasonCodes
from openrtb.imp import Imp
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from openrtb.validate import Finding, validate_response


class Verdict(Struct, frozen=True):
    """An answer with the rules it breaks. `response` is `None` where it cannot be read at all."""

    response: BidResponse | None
    errors: list[Finding]
    warnings: list[Finding]


class Hammered(Struct, frozen=True):
    """One bid after the hammer fell. On a `test` nobody pays. `ua` is the browser of the person."""

    auctioned: Auctioned
    outcome: Outcome
    fate: Fate
    ua: str
    test: bool


class Result(Struct, frozen=True):
    """What came of one answer."""

    verdict: Verdict
    bids: list[Hammered]


class Auctioneer:
    """Holds auctions; the same answer to the same opportunity always ends the same."""

    def __init__(self, market: Market, truth: Truth) -> None:
        self._market = market
        self._truth = truth

    def settle(self, opportunity: Opportunity, body: bytes, content_type: str) -> Result:
        """The outcome of each bid in an answer of HTTP status 200. The bids of an invalid answer lose as a whole."""
        request = decode_request(opportunity.body)
        verdict = judge(body, content_type, request)
        response = verdict.response
        if response is None:
            return Result(verdict, [])
        outcomes = _refused(response) if verdict.errors else self._cleared(opportunity, request, response)
        parts = {imp.id: index for index, imp in enumerate(request.imp)}
        hammered = [
            Hammered(
                auctioned=Auctioned(opportunity.id, response.bidid, response.cur, seatbid.seat),
                outcome=outcome,
                fate=decide(self._truth, opportunity, parts.get(outcome.bid.impid, 0), _domain(outcome.bid)),
                ua=opportunity.person.device.ua,
                test=request.test == 1,
            )
            for seatbid, outcome in outcomes
        ]
        return Result(verdict, hammered)

    def _cleared(
        self, opportunity: Opportunity, request: BidRequest, response: BidResponse
    ) -> Iterator[tuple[SeatBid, Outcome]]:
        for imp in request.imp:
            offered = [(seatbid, bid) for seatbid, bid in _bids(response) if bid.impid == imp.id]
            if offered:
                outcomes = self._outcomes(opportunity, imp, request.at, [bid for _, bid in offered])
                yield from zip((seatbid for seatbid, _ in offered), outcomes, strict=True)

    def _outcomes(self, opportunity: Opportunity, imp: Imp, at: int, bids: list[Bid]) -> list[Outcome]:
        return clear(imp, at, bids, self._market.rivals(opportunity, imp))


def _refused(response: BidResponse) -> Iterator[tuple[SeatBid, Outcome]]:
    for seatbid, bid in _bids(response):
        yield seatbid, Outcome(bid, LossReasonCodes.INVALID_BID_RESPONSE)


def _bids(response: BidResponse) -> Iterator[tuple[SeatBid, Bid]]:
    for seatbid in response.seatbid or ():
        for bid in seatbid.bid:
            yield seatbid, bid


def _domain(bid: Bid) -> str:
    return bid.adomain[0] if bid.adomain else ""


def judge(body: bytes, content_type: str, request: BidRequest) -> Verdict:
    """The answer to `request` in a body of HTTP status 200. Errors make it invalid as a whole."""
    if content_type != "application/json":
        message = f"the answer is {content_type!r}; right is application/json"
        return Verdict(None, [Finding("content-type", "$", "error", message)], [])
    try:
        response = decode_response(body, max_bytes=MAX_ANSWER_BYTES)
    except DecodeError as error:
        return Verdict(None, [Finding("decode", error.path, "error", error.message)], [])
    findings = validate_response(response, request)
    return Verdict(
        response,
        [found for found in findings if found.severity == "error"],
        [found for found in findings if found.severity == "warning"],
    )
