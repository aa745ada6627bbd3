"""Which request is decided next, and which are not decided at all. Pure: times come in, nobody is asked.

Exchanges do not share a queue, they share the processor: each lane has a queue of its own, and lanes take turns by the
time that their decisions cost (deficit round robin). What one exchange sends too much, waits in its own queue.

A lane refuses by how long its requests wait, not by their number, so nobody has to say what the machine can do
(controlled delay, as in CoDel). A queue that was empty a moment ago holds a burst: it may wait for half the time that
the exchange gives. A queue that has not been empty for all that time is too much traffic: what would wait longer than
a tenth is refused, so that what is decided is decided in time. The wait is foretold at the door, from what decisions
take, so that a refusal comes at once; it is measured again when the turn comes.

Refusals cost, too, and may take a fifth of the time of decisions. Beyond that they wait: a connection whose request has
no answer sends no other, so the traffic itself waits, and whoever gives up before costs nothing more.

Under too much traffic half of the processor is shared alike, and half by what a lane's decisions bring: the micros bid
per second of deciding, as learned. So what is worth least waits longest and is refused first, and none is left out.
"""

from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Generic, NamedTuple, Protocol, TypeVar

BURST_SHARE = 0.6
STANDING_SHARE = 0.3
QUANTUM_S = 0.001
"""What a lane of mean weight may take of the processor in its turn."""
ALIKE_SHARE = 0.5
REFUSALS_SHARE = 0.2
REFUSALS_SAVED_S = 0.01
"""Of their share, what refusals may leave for later."""
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
        "_bid_micros", "_busy_s", "_decided", "cost_s", "credit_s", "filled_s", "times", "value_micros", "waiting",
        "weight",
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
        self._decided = 0
        self._busy_s = 0.0
        self._bid_micros = 0

    def decided(self, seconds: float) -> None:
        """A request was decided, and took so long."""
        self._decided += 1
        self._busy_s += seconds

    def learn(self, bid_micros: int) -> None:
        """Take what was counted since the last time into the means; `bid_micros`: all that was ever bid."""
        if self._decided:
            part = LEARNING if self.cost_s else 1.0
            self.cost_s += part * (self._busy_s / self._decided - self.cost_s)
            self.value_micros += part * ((bid_micros - self._bid_micros) / self._decided - self.value_micros)
            self._decided, self._busy_s, self._bid_micros = 0, 0.0, bid_micros

    def is_too_long(self, wait_s: float, now_s: float) -> bool:
        """Whether others had better be decided than a request with such a wait."""
        usual_s = self.times.usual_s
        if wait_s <= usual_s * STANDING_SHARE:
            return False
        is_standing = now_s - self.filled_s > usual_s
        return is_standing or wait_s > usual_s * BURST_SHARE

    def verdict(self, waited_s: float, now_s: float) -> Verdict:
        """Whether a request that waited so long is worth deciding."""
        if waited_s + self.cost_s > self.times.latest_s:
            return Verdict.LATE
        return Verdict.SHED if self.is_too_long(waited_s, now_s) else Verdict.DECIDE


class Taken(NamedTuple, Generic[Item]):
    """A request whose turn it is."""

    item: Item
    lane: Lane[Item]
    verdict: Verdict


class Admission(Generic[Item]):
    """All lanes, and whose turn it is."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane[Item]] = {}
        self._elsewhere: Lane[Item] = Lane(FOREVER)
        self._active: deque[Lane[Item]] = deque()
        self._refused: deque[tuple[Item, Lane[Item]]] = deque()
        self._refusals_s = 0.0
        """What refusals took beyond their share; below 0: what is left of it."""

    def configure(self, times: Mapping[str, Times]) -> None:
        """The exchanges there are, and how long each waits. What is queued and learned stays."""
        for name in self._lanes.keys() - times.keys():
            self._elsewhere.waiting.extend(self._lanes.pop(name).waiting)
        for name, each in times.items():
            self._lanes.setdefault(name, Lane(each)).times = each
        self._active = deque(lane for lane in (self._elsewhere, *self._lanes.values()) if lane.waiting)

    def add(self, name: str | None, item: Item) -> None:
        """A request for the exchange called `name`; for what is none, such as a health check, there is a lane, too."""
        lane = self._lanes.get(name or "", self._elsewhere)
        waiting = lane.waiting
        if not waiting:
            lane.filled_s = item.whole_s
            self._active.append(lane)
        elif lane.is_too_long(len(waiting) * lane.cost_s * self._crowd(lane), item.whole_s):
            self._refused.append((item, lane))
            return
        waiting.append(item)

    def take(self, now_s: float) -> Taken[Item] | None:
        """The next request; None where none waits. What it took is to be told to `spent`."""
        active = self._active
        if self._refused and (self._refusals_s <= 0.0 or not active):
            return Taken(*self._refused.popleft(), Verdict.SHED)
        if not active:
            return None
        lane = active[0]
        while lane.credit_s <= 0.0:
            lane.credit_s += QUANTUM_S * lane.weight
            active.rotate(-1)
            lane = active[0]
        item = lane.waiting.popleft()
        if not lane.waiting:
            active.popleft()
            lane.credit_s = min(lane.credit_s, 0.0)
        return Taken(item, lane, lane.verdict(now_s - item.whole_s, now_s))

    def spent(self, taken: Taken[Item], seconds: float) -> None:
        """A request has its answer, which took so long."""
        lane = taken.lane
        lane.credit_s -= seconds
        if taken.verdict is Verdict.DECIDE:
            lane.decided(seconds)
            self._refusals_s = max(-REFUSALS_SAVED_S, self._refusals_s - seconds * REFUSALS_SHARE)
        else:
            self._refusals_s += seconds

    def _crowd(self, lane: Lane[Item]) -> float:
        """How many times longer a lane waits for its turns than if it were alone."""
        if len(self._active) == 1:
            return 1.0
        return sum(each.weight for each in self._active) / lane.weight

    def learn(self, bid_micros: Mapping[str, int]) -> None:
        """Bring means and weights up to date, ten times a second; `bid_micros`: all that was ever bid, by exchange."""
        lanes = list(self._lanes.values())
        for name, lane in self._lanes.items():
            lane.learn(bid_micros.get(name, 0))
        worth = [lane.value_micros / lane.cost_s if lane.cost_s else 0.0 for lane in lanes]
        total = sum(worth)
        for lane, each in zip(lanes, worth, strict=True):
            share = each / total * len(lanes) if total else 1.0
            lane.weight = ALIKE_SHARE + (1 - ALIKE_SHARE) * share
