"""All verdicts of a run, counted."""

from array import array
from collections import Counter, defaultdict
from typing import Any

from msgspec import Struct, field

from bidder.lab.feed.judge import Verdict


class FormatTally(Struct):
    """What came back for the requests that offer one format."""

    requests: int = 0
    bids: int = 0  # answers with at least one valid bid
    price_micros: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by currency, of all bids
    prices: Counter[str] = field(default_factory=Counter)  # how many, by currency

    @property
    def bid_rate(self) -> float:
        """Bids per request, 0 to 1."""
        return self.bids / self.requests if self.requests else 0.0

    @property
    def mean_price_micros(self) -> dict[str, int]:
        """The mean CPM of the bids in micros, by currency."""
        return {cur: total // self.prices[cur] for cur, total in sorted(self.price_micros.items())}


class Tally:
    """The table of outcomes in the making."""

    def __init__(self) -> None:
        self.answers = 0
        self.as_expected = 0
        self.statuses: Counter[tuple[int, str]] = Counter()  # HTTP status and outcome
        self.formats: defaultdict[str, FormatTally] = defaultdict(FormatTally)
        self.errors: Counter[str] = Counter()  # answers that break a rule, by rule
        self.warnings: Counter[str] = Counter()
        self.no_bid_reasons: Counter[str] = Counter()
        self.refusals = Counter(expected=0, unexpected=0, missing=0)
        self.eligible = FormatTally()
        self.ineligible: Counter[str] = Counter()  # requests by reason
        self._latencies_ms = array("f")

    def add(self, verdict: Verdict, latency_ms: float) -> None:
        """Counts one answer."""
        self.answers += 1
        self.as_expected += verdict.surprise is None
        self.statuses[verdict.status, verdict.outcome] += 1
        self.errors.update(verdict.errors)
        self.warnings.update(verdict.warnings)
        if verdict.no_bid_reason is not None:
            self.no_bid_reasons[verdict.no_bid_reason] += 1
        if verdict.refusal is not None:
            self.refusals[verdict.refusal] += 1
        _add_bid(self.formats[verdict.format], verdict)
        if verdict.ineligible is None:
            _add_bid(self.eligible, verdict)
        else:
            self.ineligible[verdict.ineligible] += 1
        if verdict.status:
            self._latencies_ms.append(latency_ms)

    def latency_ms(self, share: float) -> float | None:
        """The latency that `share` (0 to 1) of the answers keep within; `None` where nothing was answered."""
        ordered = sorted(self._latencies_ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else None

    def as_dict(self) -> dict[str, Any]:
        """All counts as JSON; prices in micros of CPM, latencies in milliseconds."""
        return {
            "requests": self.answers,
            "as_expected": self.as_expected,
            "statuses": [
                {"status": status, "outcome": outcome, "count": count}
                for (status, outcome), count in sorted(self.statuses.items())
            ],
            "formats": {name: _as_dict(tally) for name, tally in sorted(self.formats.items())},
            "eligible": _as_dict(self.eligible),
            "ineligible": dict(self.ineligible.most_common()),
            "refusals": dict(self.refusals),
            "errors": dict(self.errors.most_common()),
            "warnings": dict(self.warnings.most_common()),
            "no_bid_reasons": dict(self.no_bid_reasons.most_common()),
            "latency_ms": {"p50": self.latency_ms(0.50), "p99": self.latency_ms(0.99)},
        }


def _add_bid(tally: FormatTally, verdict: Verdict) -> None:
    tally.requests += 1
    tally.bids += verdict.outcome == "bid"
    for cur, price_micros in verdict.prices:
        tally.price_micros[cur] += price_micros
        tally.prices[cur] += 1


def _as_dict(tally: FormatTally) -> dict[str, Any]:
    return {
        "requests": tally.requests,
        "bids": tally.bids,
        "bid_rate": tally.bid_rate,
        "mean_price_micros": tally.mean_price_micros,
    }
