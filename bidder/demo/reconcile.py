"""Two accounts of one market: what the exchange saw acknowledged, and what the bidder has in its books."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

OURS = {
    "win": ("win",),
    "bill": ("billing",),
    "loss": ("loss",),
    "imp": ("impression", "audit"),
    "click": ("click", "click tracker"),
    "conv": ("conversion",),
}
"""The kinds of the exchange behind each kind of the bidder."""

FAULTS = {
    "bidder_closure_error_total": "campaigns without just one reason",
    "bidder_faults_total": "requests left undecided",
    "bidder_events_dropped_total": "event records lost",
}
"""Counters of the bidder that stay at zero."""


class Difference(Struct, frozen=True):
    """One thing that both counted, or that must be zero."""

    what: str
    exchange: int
    bidder: int
    retries: int = 0
    """Calls that the exchange made again because it saw no answer; the bidder may have taken the one before."""

    @property
    def agrees(self) -> bool:
        """Whether both say the same, as far as the exchange can know."""
        return self.exchange <= self.bidder <= self.exchange + self.retries


def differences(totals: Mapping[str, Any], metrics: str) -> list[Difference]:
    """The totals of the exchange beside the metrics page of the bidder, line by line."""
    counted = _sums(metrics)
    unanswered = sum(totals.get("unanswered", {}).values())
    found = [Difference("requests answered", sum(totals["statuses"].values()), _requests(counted), unanswered)]
    for kind, theirs in OURS.items():
        accounts = [totals["notices"][name] for name in theirs]
        received = sum(value for (name, *rest), value in counted.items() if name == _NOTICES and rest[0] == kind)
        repeated = counted[_NOTICES, kind, "repeated"]
        again = sum(each["retries"] + each["failed"] + each["abandoned"] for each in accounts)
        acknowledged = sum(each["acknowledged"] for each in accounts)
        found.append(Difference(f"{kind}: received", acknowledged, received, again))
        if kind in {"win", "bill", "loss", "conv"}:
            copies = sum(each["copies"] for each in accounts)
            found.append(Difference(f"{kind}: repeats", copies, repeated, again))
    found.extend(Difference(what, 0, _total(counted, name)) for name, what in FAULTS.items())
    return found


def table(found: list[Difference]) -> str:
    """The comparison for people."""
    lines = [f"\n{'':36}{'exchange':>12}{'bidder':>12}"]
    lines += [
        f"{each.what:36}{each.exchange:>12}{each.bidder:>12}{'' if each.agrees else '   differ'}" for each in found
    ]
    return "\n".join(lines) + "\n"


_NOTICES = "bidder_notices_total"


def _sums(metrics: str) -> Counter[tuple[str, ...]]:
    """Counters by name and the values of `kind`, `outcome` and `status`, where they have them."""
    sums: Counter[tuple[str, ...]] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            labels = [sample.labels[name] for name in ("kind", "outcome", "status") if name in sample.labels]
            sums[sample.name, *labels] += int(sample.value)
    return sums


def _requests(counted: Counter[tuple[str, ...]]) -> int:
    return sum(value for (name, *_), value in counted.items() if name == "bidder_requests_total")


def _total(counted: Counter[tuple[str, ...]], name: str) -> int:
    return sum(value for (found, *_), value in counted.items() if found == name)
