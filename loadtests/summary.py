"""From the record of a run to its figures. An hour has ten million requests, so columns are looked at as a whole."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loadtests.histogram import Percentiles, percentiles
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


class Columns(NamedTuple):
    """The requests of a run, a row each, in the order of their ends."""

    second: npt.NDArray[np.int32]
    """Of the run, in which each was due."""
    latency_us: npt.NDArray[np.uint32]
    outcome: npt.NDArray[np.uint8]
    is_accepted: npt.NDArray[np.bool_]
    """Whether it was decided."""
    is_late: npt.NDArray[np.bool_]
    """Whether it was decided after its deadline."""

    def take(self, rows: npt.NDArray[np.intp]) -> "Columns":
        """Some of the rows."""
        return Columns(
            self.second[rows],
            self.latency_us[rows],
            self.outcome[rows],
            self.is_accepted[rows],
            self.is_late[rows],
        )


def columns(record: Record) -> Columns:
    """The columns of a record that is complete."""
    outcome = np.array(record.outcome, np.uint8)
    latency_us = np.array(record.latency_us, np.uint32)
    accepted = np.isin(outcome, ACCEPTED)
    late = accepted & (latency_us > np.array(record.tmax_ms, np.uint32) * 1000)
    return Columns(np.array(record.due_s, np.float32).astype(np.int32), latency_us, outcome, accepted, late)


def accepted_late(record: Record) -> int:
    """Answers that decided, but after the deadline."""
    return int(columns(record).is_late.sum())


def accepted(record: Record) -> Percentiles | None:
    """Latencies of answers that decided, in microseconds."""
    found = columns(record)
    return percentiles(found.latency_us[found.is_accepted])


def outcomes(record: Record) -> dict[str, int]:
    """How many requests ended how."""
    found, counts = np.unique(columns(record).outcome, return_counts=True)
    return {Outcome(outcome).name.lower(): int(count) for outcome, count in zip(found, counts, strict=True)}


def series(record: Record) -> list[Moment]:
    """The run second by second."""
    of = columns(record)
    order = np.argsort(of.second, kind="stable")
    seconds, starts = np.unique(of.second[order], return_index=True)
    return [
        _moment(int(second), of.take(rows)) for second, rows in zip(seconds, np.split(order, starts[1:]), strict=True)
    ]


def _moment(second: int, of: Columns) -> Moment:
    latencies = np.sort(of.latency_us)
    p50, p90, p99 = (int(latencies[min(len(latencies) - 1, len(latencies) * share // 100)]) for share in (50, 90, 99))
    late = int(of.is_late.sum())
    return Moment(
        second=second,
        due=len(latencies),
        in_time=int(of.is_accepted.sum()) - late,
        late=late,
        turned_away=int((of.outcome == Outcome.TURNED_AWAY).sum()),
        errors=int(np.isin(of.outcome, ERRORS).sum()),
        p50_us=p50,
        p90_us=p90,
        p99_us=p99,
        max_us=int(latencies[-1]),
    )


def check(record: Record, request_ids: list[str]) -> list[str]:
    """What is wrong with the answers kept, one line for each wrong answer."""
    found: list[str] = []
    for sample, request_id in zip(record.samples, request_ids, strict=True):
        wrong = faults(sample.shot.template.request, request_id, sample.body)
        if wrong:
            found.append(f"{request_id}: {'; '.join(wrong)}")
    return found
