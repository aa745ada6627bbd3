"""The bids that the book remembers, and when to look at each again."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from heapq import heappop, heappush

from msgspec import Struct


class State(Enum):
    """Where the money of a bid is."""

    HELD = "held"
    BILLED = "billed"
    FREE = "free"  # nothing is held: lost, expired, or never covered


class Hold(Struct):
    """A bid as the book remembers it. Integer micros."""

    campaign: str
    price: int
    held: int
    due_s: float
    """When its hold ends."""
    life: int = 0
    """Of the worker that bid."""
    state: State = State.HELD
    won: bool = False
    lost: bool = False
    awaited: bool = False
    """Known from its ticket only: its record is still to come, and must not be taken for another bid."""
    unmoved: int = 0
    """What the record will have to move out of the unspent grants, since the ticket's word was covered otherwise."""


class Holds:
    """Bids by their id, each due at one moment; and gaps, which stand for bids that nobody can name."""

    def __init__(self) -> None:
        self._holds: dict[int, Hold] = {}
        self._due: list[tuple[float, int]] = []
        self._gaps: dict[str, list[Hold]] = {}
        self._next_gap = -1

    def __len__(self) -> int:
        return len(self._holds)

    def get(self, bid_id: int) -> Hold | None:
        """The hold of a bid, if it is remembered."""
        return self._holds.get(bid_id)

    def held_by_campaign(self) -> Counter[str]:
        """All holds added up anew."""
        held: Counter[str] = Counter()
        for hold in self._holds.values():
            held[hold.campaign] += hold.held
        return held

    def keep(self, bid_id: int, hold: Hold, due_s: float) -> None:
        """Remember a hold, until `due` gives it out at `due_s`."""
        self._holds[bid_id] = hold
        heappush(self._due, (due_s, bid_id))

    def keep_gap(self, campaign: str, micros: int, due_s: float) -> None:
        """Remember one sum for bids that are not known one by one."""
        gap = Hold(campaign, micros, micros, due_s)
        self._gaps.setdefault(campaign, []).append(gap)
        self.keep(self._next_gap, gap, due_s)
        self._next_gap -= 1

    def draw(self, campaign: str, micros: int) -> bool:
        """Take so much out of the gaps of a campaign, for a bid that turned up; False where there is not as much."""
        gaps = self._gaps.get(campaign, [])
        if sum(gap.held for gap in gaps) < micros:
            return False
        for gap in gaps:
            drawn = min(gap.held, micros)
            gap.held -= drawn
            micros -= drawn
        return True

    def due(self, now_s: float) -> Iterator[tuple[int, Hold]]:
        """Holds that are due, the earliest first; they are forgotten unless kept again."""
        while self._due and self._due[0][0] <= now_s:
            _, bid_id = heappop(self._due)
            hold = self._holds.pop(bid_id)
            if bid_id < 0:
                gaps = self._gaps[hold.campaign]
                gaps[:] = [gap for gap in gaps if gap is not hold]  # another may be equal
            yield bid_id, hold
