"""Which request is decided next, and which are not decided at all. Pure: times come in, nobody is asked.

Exchanges do not share a queue, they share the processor: each lane has a queue of its own (`lane.py`), and lanes take
turns by the time that their decisions cost (deficit round robin). What one exchange sends too much, waits in its own
queue, or is refused at the door: how long it would wait is foretold from what decisions take, so that a refusal comes
at once. The wait is measured again when the turn comes.

Refusals cost, too: a request must be read and its answer written, which takes several times longer than to say no. They
may take a tenth of the time of decisions. Beyond that they wait: a connection whose request has no answer sends no
other, so the traffic itself waits. But callers that give up come back with a new connection, which costs ten refusals;
so those that waited three times as long as an exchange does are answered, whatever that takes.

Under too much traffic half of the processor is shared alike, and half by what a lane's decisions bring: the micros bid
per second of deciding, as learned. So what is worth least waits longest and is refused first, and none is left out.
"""

from collections import deque
from collections.abc import Mapping
from typing import Generic, NamedTuple

from bidder.web.listener.lane import FOREVER, LEARNING, Item, Lane, Times, Verdict

QUANTUM_S = 0.001
"""What a lane of mean weight may take of the processor in its turn."""
ALIKE_SHARE = 0.5
REFUSALS_SHARE = 0.1
OLD_TIMES = 3.0
"""As long as an exchange waits for an answer: then a refusal is old."""
REFUSALS_SAVED_S = 0.01
"""Of their share, what refusals may leave for later."""
HANDLING_S = 0.00001
"""What reading a request and writing its answer takes, before it is learned."""
ENOUGH = 20
"""Requests from which it is learned."""


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
        self.handling_s = HANDLING_S
        """What reading a request and writing its answer takes, as learned: what a refusal costs."""
        self._handled = 0
        self._busy_s = 0.0
        self._learned_s = 0.0
        self._rested = True

    def configure(self, times: Mapping[str, Times]) -> None:
        """The exchanges there are, and how long each waits. What is queued and learned stays."""
        for name in self._lanes.keys() - times.keys():
            self._elsewhere.waiting.extend(self._lanes.pop(name).waiting)
        for name, each in times.items():
            self._lanes.setdefault(name, Lane(each)).times = each
        self._active = deque(lane for lane in (self._elsewhere, *self._lanes.values()) if lane.waiting)

    def add(self, name: str | None, item: Item) -> Lane[Item] | None:
        """A request for the exchange called `name`; for what is none, such as a health check, there is a lane, too.

        The lane, where the request is to be refused at once; None where it is taken in.
        """
        lane = self._lanes.get(name or "", self._elsewhere)
        waiting = lane.waiting
        if not waiting:
            lane.filled_s = item.whole_s
            self._active.append(lane)
        elif lane.refuses(item, len(waiting) * (lane.cost_s + self.handling_s) * self._crowd(lane)):
            if self._refusals_s <= 0.0 and not self._refused and item.is_alone:
                self._handled += 1
                self._refusals_s += self.handling_s
                return lane
            self._refused.append((item, lane))
            return None
        waiting.append(item)
        return None

    def take(self, now_s: float) -> Taken[Item] | None:
        """The next request; None where none waits. What it took is to be told to `spent`."""
        active = self._active
        if self._refused and (self._refusals_s <= 0.0 or not active or self._is_old(now_s)):
            return Taken(*self._refused.popleft(), Verdict.SHED)
        if not active:
            self._rested = True
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
        return Taken(item, lane, lane.verdict(now_s - item.whole_s))

    def spent(self, taken: Taken[Item], seconds: float) -> None:
        """A request has its answer, which took so long."""
        lane = taken.lane
        lane.credit_s -= seconds
        self._handled += 1
        if taken.verdict is Verdict.DECIDE:
            lane.decided(seconds)
            self._busy_s += seconds
            self._refusals_s = max(-REFUSALS_SAVED_S, self._refusals_s - seconds * REFUSALS_SHARE)
        else:
            self._refusals_s += self.handling_s

    def _is_old(self, now_s: float) -> bool:
        """Whether the refusal that waits longest is due: its caller will soon let go of the connection."""
        item, lane = self._refused[0]
        return now_s - item.whole_s > lane.times.usual_s * OLD_TIMES

    def _crowd(self, lane: Lane[Item]) -> float:
        """How many times longer a lane waits for its turns than if it were alone."""
        if len(self._active) == 1:
            return 1.0
        return sum(each.weight for each in self._active) / lane.weight

    def learn(self, bid_micros: Mapping[str, int], now_s: float) -> None:
        """Bring means and weights up to date, ten times a second; `bid_micros`: all that was ever bid, by exchange."""
        self._learn_handling(now_s)
        lanes = list(self._lanes.values())
        for name, lane in self._lanes.items():
            lane.learn(bid_micros.get(name, 0))
        worth = [lane.value_micros / lane.cost_s if lane.cost_s else 0.0 for lane in lanes]
        total = sum(worth)
        for lane, each in zip(lanes, worth, strict=True):
            share = each / total * len(lanes) if total else 1.0
            lane.weight = ALIKE_SHARE + (1 - ALIKE_SHARE) * share

    def _learn_handling(self, now_s: float) -> None:
        """Where nobody rested, all the time that did not go into decisions went into reading and writing.

        Rest is forgetting: what was learned while the process stood still must not be believed for ever.
        """
        if self._rested:
            self.handling_s += LEARNING * (HANDLING_S - self.handling_s)
        elif self._handled >= ENOUGH:
            spare_s = now_s - self._learned_s - self._busy_s
            self.handling_s += LEARNING * (max(0.0, spare_s) / self._handled - self.handling_s)
        self._handled, self._busy_s, self._learned_s, self._rested = 0, 0.0, now_s, False
