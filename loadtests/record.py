"""What became of each request of a run, as it comes in: three numbers each, and a few whole answers."""

from array import array
from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from loadtests.template import Shot
from loadtests.wire import Answer

OVERLOAD_REASONS = frozenset({"shedding_load", "too_late"})
"""Reasons of an answer that did not decide: the request was turned away for want of time."""


class Outcome(IntEnum):
    """How a request ended. Each ends in exactly one."""

    BID = 0
    NO_BID = 1
    TURNED_AWAY = 2
    """An answer in good order that says that there was no time."""
    REFUSED = 3
    """4xx."""
    FAILED = 4
    """5xx, or a status that a bid port never gives."""
    TIMED_OUT = 5
    """No answer for as long as the sender waits."""
    BROKEN = 6
    """The connection was lost, or what came was no HTTP answer."""
    UNSENT = 7
    """No connection was free for as long as the sender waits."""


ACCEPTED = (Outcome.BID, Outcome.NO_BID)
ERRORS = (Outcome.REFUSED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.BROKEN)


def outcome_of(answer: Answer) -> Outcome:
    """How a request ended, by its answer; status 0 is none."""
    if answer.status == 200:
        return Outcome.BID
    if answer.status == 204:
        return Outcome.TURNED_AWAY if answer.reason in OVERLOAD_REASONS else Outcome.NO_BID
    if answer.status == 0:
        return Outcome.BROKEN
    return Outcome.REFUSED if 400 <= answer.status < 500 else Outcome.FAILED


class Sample(NamedTuple):
    """An answer kept for a check after the run."""

    shot: Shot
    body: bytes


class Record:
    """The requests of one run in the order of their ends, 15 bytes each. Appending costs well under a microsecond."""

    def __init__(
        self, check_every: int = 50, most_samples: int = 2000, follow: Callable[[bytes], None] | None = None
    ) -> None:
        """One answer of status 200 in `check_every` is kept, and told to `follow` where it came within tmax."""
        self.due_s = array("f")
        """When each was meant to be sent, from the start of the run."""
        self.latency_us = array("I")
        """From that moment to the end of its answer."""
        self.outcome = array("B")
        self.tmax_ms = array("H")
        self.sent = 0
        self.waited = 0
        """Of those sent, how many waited for a connection first."""
        self.send_lag_us = array("I")
        """Of the others: from the moment that each was meant to be sent to the moment that it was."""
        self.most_lag_us: dict[int, int] = {}
        """The most of that in each second of the run."""
        self.reasons: Counter[str] = Counter()
        """As answers without a bid say them."""
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.samples: list[Sample] = []
        self._check_every = check_every
        self._most_samples = most_samples
        self._follow = follow

    def __len__(self) -> int:
        return len(self.outcome)

    def answered(self, shot: Shot, answer: Answer, due_s: float, latency_s: float) -> None:
        """An answer came."""
        self.statuses[answer.status] += 1
        if answer.status == 200:
            wanted = self.statuses[200] % self._check_every == 1 or self._check_every == 1
            if wanted:
                self._keep(Sample(shot, answer.body))
                if self._follow is not None and latency_s <= shot.template.tmax_s:
                    self._follow(answer.body)  # an auction is over when a later one comes
        elif answer.status == 204:
            self.reasons[answer.reason] += 1
        self.ended(shot, outcome_of(answer), due_s, latency_s)

    def _keep(self, sample: Sample) -> None:
        if len(self.samples) < self._most_samples:
            self.samples.append(sample)

    def unanswered(self, shot: Shot, outcome: Outcome, due_s: float, latency_s: float, why: str) -> None:
        """No answer came; the time until that was certain counts as its latency."""
        self.errors[why] += 1
        self.ended(shot, outcome, due_s, latency_s)

    def sent_at_once(self, due_s: float, lag_s: float) -> None:
        """A request was written, so long after it was due."""
        self.sent += 1
        lag_us, second = max(0, int(lag_s * 1e6)), int(due_s)
        self.send_lag_us.append(lag_us)
        if lag_us > self.most_lag_us.get(second, 0):
            self.most_lag_us[second] = lag_us

    def sent_after_waiting(self) -> None:
        """A request was written that had found no connection when it was due."""
        self.sent += 1
        self.waited += 1

    def ended(self, shot: Shot, outcome: Outcome, due_s: float, latency_s: float) -> None:
        """A request ended, so long after it was due."""
        self.due_s.append(due_s)
        self.latency_us.append(max(0, int(latency_s * 1e6)))
        self.outcome.append(outcome)
        self.tmax_ms.append(min(65_535, int(shot.template.tmax_s * 1000)))
