"""One answer against its request: what it is, whether it is what was expected, and what a strict exchange finds."""

from typing import Final, Literal

from msgspec import Struct

from bidder.lab.feed.eligible import why_ineligible
from bidder.lab.feed.recorded import Recorded
from bidder.lab.feed.send import Answer
from openrtb import DecodeError, decode_request, decode_response
from openrtb.request import BidRequest
from openrtb.response import BidResponse
from openrtb.validate import Finding, validate_response
from openrtb.validate.money import micros

Outcome = Literal["bid", "no bid", "refused", "invalid", "other"]
Refusal = Literal["expected", "unexpected", "missing"]

UNREADABLE: Final = "decode"
"""Stands for a rule where a response cannot be read at all."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What one answer came to."""

    outcome: Outcome
    status: int  # HTTP; 0 where nothing came
    format: str  # what the request offers, or "malformed"
    surprise: str | None = None  # why the answer is not what was expected
    refusal: Refusal | None = None  # whether a 400 was right, or would have been
    errors: tuple[str, ...] = ()  # ids of the rules broken, each once
    warnings: tuple[str, ...] = ()
    prices: tuple[tuple[str, int], ...] = ()  # currency and micros of CPM of each valid bid
    no_bid_reason: str | None = None
    ineligible: str | None = None  # why nobody could bid


def judge(recorded: Recorded, answer: Answer) -> Verdict:
    """The verdict on `answer`. A refusal of a malformed request, 204 and a 200 without an error are as expected."""
    request = _request(recorded.body)
    offered = format_of(request) if request is not None else "malformed"
    ineligible = why_ineligible(request) if request is not None else "the request cannot be read"
    if answer.status == 200 and recorded.expected == "answer":
        return _response(request, answer, offered, ineligible)
    return Verdict(
        outcome=_outcome(answer.status),
        status=answer.status,
        format=offered,
        surprise=_surprise(recorded, answer),
        refusal=_refusal(recorded, answer),
        no_bid_reason=answer.no_bid_reason,
        ineligible=ineligible,
    )


def format_of(request: BidRequest) -> str:
    """`banner`, `video`, `audio` or `native` where all imps offer just that, `several`, or `none`."""
    names = ("banner", "video", "audio", "native")
    found = {name for imp in request.imp for name in names if getattr(imp, name) is not None}
    return "several" if len(found) > 1 else next(iter(found), "none")


def _request(body: bytes) -> BidRequest | None:
    try:
        return decode_request(body)
    except DecodeError:
        return None


def _outcome(status: int) -> Outcome:
    match status:
        case 200:
            return "invalid"  # to a malformed request; the others are judged by what they hold
        case 204:
            return "no bid"
        case 400:
            return "refused"
        case _:
            return "other"


def _refusal(recorded: Recorded, answer: Answer) -> Refusal | None:
    if recorded.expected == "refusal":
        return "expected" if answer.status == 400 else "missing"
    return "unexpected" if answer.status == 400 else None


def _surprise(recorded: Recorded, answer: Answer) -> str | None:
    right = (400,) if recorded.expected == "refusal" else (200, 204)
    if answer.status in right:
        return None
    wanted = " or ".join(map(str, right))
    return f"{answer.failure} instead of {wanted}" if answer.failure else f"{answer.status} instead of {wanted}"


def _response(request: BidRequest | None, answer: Answer, offered: str, ineligible: str | None) -> Verdict:
    """The verdict on the body of a 200."""
    try:
        response = decode_response(answer.body)
    except DecodeError as error:
        return Verdict(
            outcome="invalid",
            status=200,
            format=offered,
            surprise=f"200 that cannot be read: {error}",
            errors=(UNREADABLE,),
            ineligible=ineligible,
        )
    findings = validate_response(response, request or BidRequest())
    errors, warnings = _rules(findings, "error"), _rules(findings, "warning")
    prices = () if errors else tuple(_prices(response))
    return Verdict(
        outcome="invalid" if errors else "bid" if prices else "no bid",
        status=200,
        format=offered,
        surprise=f"invalid: {next(str(each) for each in findings if each.severity == 'error')}" if errors else None,
        errors=errors,
        warnings=warnings,
        prices=prices,
        no_bid_reason=str(response.nbr) if response.nbr is not None else answer.no_bid_reason,
        ineligible=ineligible,
    )


def _rules(findings: list[Finding], severity: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.rule for found in findings if found.severity == severity))


def _prices(response: BidResponse) -> list[tuple[str, int]]:
    bids = [bid for seatbid in response.seatbid or () for bid in seatbid.bid]
    return [(response.cur, micros(bid.price or 0.0)) for bid in bids]
