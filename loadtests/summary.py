"""From the record of a run to its figures."""

from collections import Counter, defaultdict
from typing import NamedTuple

from loadtests.judge import faults
from loadtests.record import ACCEPTED, ERRORS, Outcome, Record
from loadtests.result import Moment

RATE_TOLERANCE = 0.01
"""How far the achieved rate may be from the asked one."""
TAIL_S = 0.25
"""How much later than the end the last request may leave: a wait that its latency tells, and no lower rate."""
MOST_EXAMPLES = 5


class Rates(NamedTuple):
    """What was asked and what was sent."""

    planned: int
    sent: int
    seconds: float
    last_sent_s: float

    @property
    def asked(self) -> float:
        """Requests a second, as they were due."""
        return self.planned / self.seconds

    @property
    def achieved(self) -> float:
        """Requests a second, as they were sent."""
        return self.sent / self.took_s

    @property
    def took_s(self) -> float:
        """How long sending took."""
        return max(self.seconds, self.last_sent_s - TAIL_S)

    @property
    def refusal(self) -> str | None:
        """Why no latency of this run may be told; `None` where it may."""
        if not self.planned:
            return "nothing was due in this time; ask for a higher rate or more seconds"
        if abs(self.achieved / self.asked - 1) <= RATE_TOLERANCE:
            return None
        return (
            f"asked for {self.asked:,.0f} requests/s, sent {self.achieved:,.0f}/s ({self.sent:,} of {self.planned:,} "
            f"in {self.took_s:.1f} s); latencies would be of other traffic, so none are told. Ask for less, or "
            "give more --connections if the server answers slowly"
        )


def accepted_late(record: Record) -> int:
    """Answers that decided, but after the deadline."""
    rows = zip(record.outcome, record.latency_us, record.tmax_ms, strict=True)
    return sum(outcome in ACCEPTED and latency_us > tmax_ms * 1000 for outcome, latency_us, tmax_ms in rows)


def accepted(record: Record) -> list[int]:
    """Latencies of answers that decided, in microseconds."""
    rows = zip(record.outcome, record.latency_us, strict=True)
    return [latency_us for outcome, latency_us in rows if outcome in ACCEPTED]


def outcomes(record: Record) -> dict[str, int]:
    """How many requests ended how."""
    counted = Counter(record.outcome)
    return {Outcome(outcome).name.lower(): number for outcome, number in sorted(counted.items())}


def errors(record: Record) -> int:
    """Requests that got no answer in good order."""
    return sum(outcome in ERRORS for outcome in record.outcome)


def series(record: Record) -> list[Moment]:
    """The run second by second."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for index, due_s in enumerate(record.due_s):
        rows[int(due_s)].append(index)
    return [_moment(second, record, rows[second]) for second in sorted(rows)]


def _moment(second: int, record: Record, indexes: list[int]) -> Moment:
    latencies = sorted(record.latency_us[index] for index in indexes)
    decided = [index for index in indexes if record.outcome[index] in ACCEPTED]
    late = sum(record.latency_us[index] > record.tmax_ms[index] * 1000 for index in decided)
    p50, p90, p99 = (latencies[min(len(latencies) - 1, len(latencies) * share // 100)] for share in (50, 90, 99))
    return Moment(
        second=second,
        due=len(indexes),
        in_time=len(decided) - late,
        late=late,
        turned_away=sum(record.outcome[index] == Outcome.TURNED_AWAY for index in indexes),
        errors=sum(record.outcome[index] in ERRORS for index in indexes),
        p50_us=p50,
        p90_us=p90,
        p99_us=p99,
        max_us=latencies[-1],
    )


def check(record: Record, request_ids: list[str]) -> list[str]:
    """What is wrong with the answers kept, one line for each wrong answer."""
    found: list[str] = []
    for sample, request_id in zip(record.samples, request_ids, strict=True):
        wrong = faults(sample.shot.template.request, request_id, sample.body)
        if wrong:
            found.append(f"{request_id}: {'; '.join(wrong)}")
    return found
