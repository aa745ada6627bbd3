"""The queue of one exchange, and which requests it does not take. Pure: times come in, nobody is asked.

A lane refuses by how long its requests wait, not by their number, so nobody has to say what the machine can do
(controlled delay, as in CoDel). A queue that was empty a moment ago holds a burst: it may wait for half the time that
the exchange gives. A queue that has not been empty for all that time is too much traffic: what would wait longer than
a tenth is refused, and what is worth less than the mean even before that. So the queue itself finds the value from
which on requests are decided, and what is decided is decided in time.
"""

from collections import deque
from enum import Enum
from typing import Generic, NamedTuple, Protocol, TypeVar

from bidder.web.listener.placements import Placements

BURST_SHARE = 0.6
STANDING_SHARE = 0.3
LEAST_PATIENCE = 0.25
"""Of the longest queue, how much one may find that is worth nothing."""
PLACEMENTS_EVERY = 7
"""Of so many decisions one tells what its placement brings: often enough, and it costs a microsecond."""
LEARNING = 0.3
"""How much the latest tenth of a second tells of the mean."""


class Verdict(Enum):
    """What becomes of a request whose turn it is."""

    DECIDE = "decide"
    LATE = "late"
    """It could not be answered in time."""
    SHED = "shed"
    """It could, but then those behind it could not."""


class Waits(Protocol):
    """What waits."""

    whole_s: float
    """Since when."""

    @property
    def placement(self) -> bytes:
        """What it is for; empty where that is not known."""

    @property
    def is_alone(self) -> bool:
        """Whether nothing waits behind it on its connection."""


Item = TypeVar("Item", bound=Waits)


class Times(NamedTuple):
    """How long an exchange waits, from arrival and less the time on the wire."""

    latest_s: float
    """At most, whatever a request says."""
    usual_s: float
    """Where a request says nothing: what is in the body is not known before it is decided."""


FOREVER = Times(float("inf"), float("inf"))


class Lane(Generic[Item]):
    """The queue of one exchange, and what is known of its requests."""

    __slots__ = (
        "_bid_micros", "_busy_s", "_decided", "_late", "_unnoted", "cost_s", "credit_s", "filled_s", "placements",
        "times", "value_micros", "waiting", "weight",
    )  # fmt: skip

    def __init__(self, times: Times) -> None:
        self.times = times
        self.waiting: deque[Item] = deque()
        self.filled_s = 0.0
        """When the queue was last empty."""
        self.credit_s = 0.0
        self.weight = 1.0
        self.cost_s = 0.0
        """What a decision takes, as learned."""
        self.value_micros = 0.0
        """What a decision bids, as learned."""
        self.placements = Placements()
        self._decided = self._late = 0
        self._unnoted = 0
        self._busy_s = 0.0
        self._bid_micros = 0

    def decided(self, seconds: float) -> None:
        """A request was decided, and took so long; for as long as nobody waits, the process stood still."""
        self._decided += 1
        self._busy_s += min(seconds, self.times.latest_s)

    def notes_placement(self) -> bool:
        """Whether to learn from the placement of the decision under way."""
        self._unnoted = (self._unnoted + 1) % PLACEMENTS_EVERY
        return self._unnoted == 0

    def learn(self, bid_micros: int) -> None:
        """Take what was counted since the last time into the means; `bid_micros`: all that was ever bid.

        Where all came too late for what a decision is said to take, that is forgotten bit by bit: a process that stood
        still amid a decision would else believe for ever that none can be made in time.
        """
        if self._decided:
            part = LEARNING if self.cost_s else 1.0
            self.cost_s += part * (self._busy_s / self._decided - self.cost_s)
            self.value_micros += part * ((bid_micros - self._bid_micros) / self._decided - self.value_micros)
            self._decided, self._busy_s, self._bid_micros = 0, 0.0, bid_micros
        elif self._late:
            self.cost_s *= 1 - LEARNING
        self._late = 0

    def worth_micros(self, item: Item) -> float:
        """What a request is expected to bid: what others of its placement did, or else those of the exchange."""
        found = self.placements.value_micros(item.placement, item.whole_s)
        return self.value_micros if found is None else found

    def refuses(self, item: Item, wait_s: float) -> bool:
        """Whether a request that would have to wait so long is not taken."""
        usual_s = self.times.usual_s
        longest_s = usual_s * STANDING_SHARE
        if wait_s <= longest_s * LEAST_PATIENCE:
            return False
        if item.whole_s - self.filled_s <= usual_s:
            return wait_s > usual_s * BURST_SHARE
        return wait_s > longest_s or wait_s > longest_s * self._patience(item)

    def verdict(self, waited_s: float) -> Verdict:
        """Whether a request that was taken, and waited so long, is worth deciding."""
        if waited_s + self.cost_s > self.times.latest_s:
            self._late += 1
            return Verdict.LATE
        return Verdict.SHED if waited_s > self.times.usual_s * BURST_SHARE else Verdict.DECIDE

    def _patience(self, item: Item) -> float:
        """How long a queue a request may find, of the longest."""
        mean = self.value_micros
        return max(LEAST_PATIENCE, self.worth_micros(item) / mean) if mean else 1.0
