"""How one line fares on one imp: its gates in their order, and the price of its bid."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from bidder.auction.candidacy import open_to
from bidder.auction.contest import Contest
from bidder.auction.explain.creatives import showing
from bidder.auction.explain.failure import Failure
from bidder.auction.explain.price import pricing
from bidder.auction.explain.targeting import publishing, targeting
from bidder.auction.line import Line
from bidder.auction.offer import Candidate, Offer
from bidder.domain.reason import Reason

PPB = 1_000_000_000


class LineReport(Struct, frozen=True, kw_only=True):
    """How one line fared on one imp. Prices are CPM in the currency of the bid, as people write them."""

    campaign: str
    advertiser: str
    imp: str
    outcome: str
    failures: Sequence[Failure] = ()
    creative: str | None = None
    format: str | None = None
    deal: str | None = None
    model: str | None = None
    """Name and version of what gave the probability; "" where the goal needs none."""
    probability: float | None = None
    price_cpm: float | None = None
    floor_cpm: float | None = None


def explain_line(contest: Contest, line: Line, now: float) -> LineReport:
    """Every gate of one line on one imp. `outcome` is the label of the reason it ends in, or `bid`."""
    failures = [*targeting(contest, line, now), *publishing(contest, line)]
    found = open_to(contest, line)
    offer = _offered(contest, found) if isinstance(found, Candidate) else None
    reason = offer if isinstance(offer, Reason) else found if isinstance(found, Reason) else Reason.BID
    if isinstance(found, Candidate) and isinstance(offer, Reason):
        failures.append(pricing(contest, found, offer))
    elif reason is not Reason.BID:
        failures.extend(showing(contest, line, reason))
    failures = _once(failures)
    return LineReport(
        campaign=line.id,
        advertiser=line.advertiser,
        imp=contest.imp.id,
        outcome=failures[0].reason if failures else reason.label,
        failures=failures,
        **(_details(contest, found, offer) if isinstance(found, Candidate) else {}),
    )


def _offered(contest: Contest, candidate: Candidate) -> Offer | Reason:
    return Reason.THROTTLED if contest.auction.holds_back(candidate.line) else contest.offers([candidate])[0]


def _once(failures: Sequence[Failure]) -> list[Failure]:
    """The first of failures that ask for the same."""
    first: dict[tuple[str, str], Failure] = {}
    for failure in failures:
        first.setdefault((failure.reason, failure.wanted), failure)
    return list(first.values())


def _details(contest: Contest, candidate: Candidate, offer: Offer | Reason | None) -> dict[str, Any]:
    details: dict[str, Any] = {
        "creative": candidate.creative.id,
        "format": candidate.slot.format,
        "deal": candidate.deal.id if candidate.deal is not None else None,
        "floor_cpm": candidate.floor_micros / 1000,
    }
    if isinstance(offer, Offer):
        model = contest.auction.predictor.name(candidate.line.goal)
        details |= {"model": model, "probability": offer.probability_ppb / PPB, "price_cpm": offer.wire_micros / 1000}
    return details
