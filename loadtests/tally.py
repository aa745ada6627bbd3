"""Counts of a Locust run, second by second, that can be sent from one process to another and added up."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from loadtests.histogram import Histogram, Percentiles
from loadtests.record import ACCEPTED, ERRORS, Outcome
from loadtests.result import Moment
from loadtests.summary import MOST_EXAMPLES

Key = TypeVar("Key")


class Second(msgspec.Struct):
    """The requests that ended within one second of the clock."""

    outcomes: dict[int, int] = {}
    latency_us: dict[int, int] = {}
    """How many had each latency, rounded to three digits."""
    accepted_us: dict[int, int] = {}
    late: int = 0


class Tally(msgspec.Struct):
    """All that is counted."""

    seconds: dict[int, Second] = {}
    """By Unix time."""
    statuses: dict[int, int] = {}
    reasons: dict[str, int] = {}
    errors: dict[str, int] = {}
    notices: dict[str, int] = {}
    """Calls by kind and how they ended, such as `billing acknowledged`."""
    checked: int = 0
    invalid: int = 0
    examples: list[str] = []

    def add(self, at_s: float, outcome: Outcome, latency_s: float, tmax_ms: int) -> None:
        """Count a bid request that ended."""
        second, latency_us = self.seconds.setdefault(int(at_s), Second()), rounded(latency_s * 1e6)
        count(second.outcomes, outcome)
        count(second.latency_us, latency_us)
        if outcome in ACCEPTED:
            count(second.accepted_us, latency_us)
            second.late += latency_s * 1000 > tmax_ms

    def check(self, request_id: str, faults: list[str]) -> None:
        """Count an answer that was looked at."""
        self.checked += 1
        self.invalid += bool(faults)
        if faults and len(self.examples) < MOST_EXAMPLES:
            self.examples.append(f"{request_id}: {'; '.join(faults)}")

    def merge(self, other: "Tally") -> None:
        """Add what another process counted."""
        for at, second in other.seconds.items():
            mine = self.seconds.setdefault(at, Second())
            for name in ("outcomes", "latency_us", "accepted_us"):
                _add(getattr(mine, name), getattr(second, name))
            mine.late += second.late
        for name in ("statuses", "reasons", "errors", "notices"):
            _add(getattr(self, name), getattr(other, name))
        self.checked += other.checked
        self.invalid += other.invalid
        self.examples = (self.examples + other.examples)[:MOST_EXAMPLES]

    def pack(self) -> bytes:
        """All of it as bytes."""
        return msgspec.msgpack.encode(self)

    @property
    def requests(self) -> int:
        """Bid requests that ended, however."""
        return sum(sum(second.outcomes.values()) for second in self.seconds.values())

    @property
    def late(self) -> int:
        """Answers that decided after their deadline."""
        found: int = sum(each.late for each in self.seconds.values())
        return found

    def outcomes(self) -> dict[str, int]:
        """How many requests ended how."""
        total: dict[int, int] = {}
        for second in self.seconds.values():
            _add(total, second.outcomes)
        return {Outcome(outcome).name.lower(): number for outcome, number in sorted(total.items())}

    def latency(self) -> Percentiles | None:
        """Of all requests."""
        return _percentiles([second.latency_us for second in self.seconds.values()])

    def accepted(self) -> Percentiles | None:
        """Of answers that decided."""
        return _percentiles([second.accepted_us for second in self.seconds.values()])

    def series(self) -> list[Moment]:
        """Second by second, from the first."""
        first = min(self.seconds, default=0)
        return [_moment(at - first, self.seconds[at]) for at in sorted(self.seconds)]


def unpack(packed: bytes) -> Tally:
    """What `pack` made. Raises `msgspec.DecodeError`."""
    return msgspec.msgpack.decode(packed, type=Tally)


def count(numbers: dict[Key, int], key: Key) -> None:
    """One more of that kind."""
    numbers[key] = numbers.get(key, 0) + 1


def _add(into: dict[Key, int], numbers: Mapping[Key, int]) -> None:
    for key, number in numbers.items():
        into[key] = into.get(key, 0) + number


def rounded(us: float) -> int:
    """A latency in microseconds, with three digits."""
    whole = max(1, int(us))
    scale = int(10 ** max(0, len(str(whole)) - 3))
    return whole // scale * scale


def _percentiles(counts: list[dict[int, int]]) -> Percentiles | None:
    histogram = Histogram()
    for counted in counts:
        for latency_us, times in counted.items():
            histogram.add(latency_us, times)
    return histogram.percentiles()


def _moment(second: int, of: Second) -> Moment:
    found = _percentiles([of.latency_us])
    return Moment(
        second=second,
        due=sum(of.outcomes.values()),
        in_time=sum(of.outcomes.get(outcome, 0) for outcome in ACCEPTED) - of.late,
        late=of.late,
        turned_away=of.outcomes.get(Outcome.TURNED_AWAY, 0),
        errors=sum(of.outcomes.get(outcome, 0) for outcome in ERRORS),
        p50_us=found.p50 if found else 0,
        p90_us=found.p90 if found else 0,
        p99_us=found.p99 if found else 0,
        max_us=found.max if found else 0,
    )
