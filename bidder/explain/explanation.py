"""One request explained: the request's own fate, then every line on every imp."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from bidder.auction.contest import Contest
from bidder.auction.decision import Decision
from bidder.auction.explain import LineReport, explain_line
from bidder.auction.line import Line
from bidder.auction.pod import offers_of
from bidder.auction.round import Round
from bidder.auction.score import GOALS
from bidder.auction.screen import deadline_s, screen
from bidder.auction.view import View
from bidder.domain.reason import Reason
from bidder.engine import Engine
from bidder.privacy.verdict import judge
from openrtb import validate_request
from openrtb.imp import Imp
from openrtb.request import BidRequest

MOST_BROKEN = 10


class Explanation(Struct, frozen=True, kw_only=True):
    """What was decided on a request and why, line by line."""

    request: str
    exchange: str
    config: str
    """Hash of the configuration."""
    screened: str
    """`bid` where the request is one to look at, else the reason why not."""
    broken: Sequence[str] = ()
    """The rules of OpenRTB that a request breaks which is not one to look at, with their places."""
    privacy: str
    """The verdict on the use of personal data."""
    models: Mapping[str, str] = {}
    """Name and version of what gives this request's probabilities, by goal; `fixed:1` is `[prediction]`."""
    bids: Mapping[str, Sequence[str]] = {}
    """The campaigns that bid, by imp; one, but for dynamic pods."""
    lines: Sequence[LineReport] = ()


def explain(engine: Engine, request: BidRequest, name: str, now_s: float, campaign: str | None = None) -> Explanation:
    """Explain the request as if it had come from the exchange `name` at `now_s`; with `campaign`, that one alone.

    The winner of each imp is the engine's own decision on a request that has just arrived.
    """
    snapshot = engine.snapshot
    market = screen(snapshot, name, request)
    verdict = judge(request, snapshot.settings.privacy.tcf_vendor)
    if isinstance(market, Reason):
        return Explanation(
            request=request.id,
            exchange=name,
            config=snapshot.digest,
            screened=market.label,
            broken=_broken(request),
            privacy=verdict.value,
        )
    left_s = deadline_s(market.exchange, request, now_s) - now_s
    predictor = engine.predictors.of(request, left_s, personal=verdict.personal)
    view = View(request, name, now_s, personal=verdict.personal)
    view.providers = snapshot.providers
    auction = Round(snapshot, market, view, engine.purse, predictor)
    bids = _bids(engine.bid(request, name, now_s, now_s))
    lines = [line for line in snapshot.lines if campaign is None or line.id == campaign]
    reports = [_ranked(report, bids) for report in _reports(auction, _judged(request), lines, now_s)]
    return Explanation(
        request=request.id,
        exchange=name,
        config=snapshot.digest,
        screened=(Reason.BID if any(True for _ in _judged(request)) else Reason.INVALID_REQUEST).label,
        privacy=verdict.value,
        models={goal: predictor.name(goal) for goal in GOALS if predictor.name(goal)},
        bids=bids,
        lines=reports,
    )


def _bids(decision: Decision) -> dict[str, list[str]]:
    """The campaigns that bid, by imp."""
    bids: dict[str, list[str]] = {}
    for bid in decision.bids:
        bids.setdefault(bid.imp.id, []).append(bid.offer.candidate.line.id)
    return bids


def _reports(auction: Round, imps: Iterable[Imp], lines: Sequence[Line], now_s: float) -> Iterator[LineReport]:
    """Every line on every imp; what an imp is offered is taken before the next one is looked at, as in the auction."""
    for imp in imps:
        contest = Contest(auction, imp)
        yield from (explain_line(contest, line, now_s) for line in lines)
        for offer in offers_of(contest):
            auction.take(offer)


def _broken(request: BidRequest) -> list[str]:
    findings = (each for each in validate_request(request) if each.severity == "error")
    return [f"{each.path}: {each.message}" for each in islice(findings, MOST_BROKEN)]


def _judged(request: BidRequest) -> Iterator[Imp]:
    """The imps that can be answered: with an id, and the first of those that share one."""
    seen: set[str] = set()
    for imp in request.imp:
        if imp.id and imp.id not in seen:
            seen.add(imp.id)
            yield imp


def _ranked(report: LineReport, bids: Mapping[str, Sequence[str]]) -> LineReport:
    """A line that could bid, but for a better one of ours, was outbid."""
    if report.outcome == Reason.BID.label and report.campaign not in bids.get(report.imp, ()):
        return LineReport(**{name: getattr(report, name) for name in report.__struct_fields__} | _OUTBID)
    return report


_OUTBID = {"outcome": Reason.OUTBID.label}
