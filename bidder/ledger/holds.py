"""The bids that the book remembers, and when to look at each again."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from heapq import heappop, heappush
from typing import NamedTuple

from msgspec import Struct

from bidder.ledger.claim import Claim
from bidder.ledger.entry import LIFE_BITS, first_life


class State(Enum):
    """Where the money of a bid is."""

    HELD = "held"
    BILLED = "billed"
    FREE = "free"  # nothing is held: lost, expired, or never covered


class Hold(Struct, gc=False):
    """A bid as the book remembers it. Integer micros."""

    campaign: str
    price: int
    held: int
    due_s: float
    """When its hold ends."""
    life: int = 0
    """Of the worker that bid; of a gap from before a restart, the first of its epoch."""
    state: State = State.HELD
    won: bool = False
    lost: bool = False
    awaited: bool = False
    """Known from its ticket only: its record is still to come, and must not be taken for another bid."""
    unmoved: int = 0
    """What the record will have to move out of the unspent grants, since the ticket's word was covered otherwise."""
    gap: int | None = None
    """The life in whose gap it was counted, since no record tells of it and none will."""


class Over(NamedTuple):
    """Bids that no record tells of, and that nothing can be billed for any more."""

    campaign: str
    life: int
    """Of the worker; or the first of its epoch, where that is an earlier one."""
    micros: int


class Holds:
    """Bids by their id, each due at one moment; and gaps, which stand for bids that nobody can name."""

    def __init__(self) -> None:
        self._holds: dict[int, Hold] = {}
        self._due: list[tuple[float, int]] = []
        self._gaps: dict[tuple[str, int], Hold] = {}
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

    def awaited(self, life: int) -> list[Hold]:
        """Bids of a worker's life of which only tickets tell."""
        return [hold for hold in self._holds.values() if hold.awaited and hold.life == life]

    def keep_gap(self, gap: Hold) -> None:
        """Remember one sum for bids that are not known one by one: all of a life, or of all lives of an epoch."""
        gap.gap = gap.life
        self._gaps[gap.campaign, gap.life] = gap
        self.keep(self._next_gap, gap, gap.due_s)
        self._next_gap -= 1

    def draw(self, bid: Claim) -> int | None:
        """Take a bid that turned up out of the gap that stands for it: of which life; None where none holds as much."""
        for life in (bid.life, first_life(bid.life >> LIFE_BITS)):
            gap = self._gaps.get((bid.campaign, life))
            if gap is not None and gap.held >= bid.price_micros:
                gap.price = gap.held = gap.held - bid.price_micros
                return life
        return None

    def due(self, now_s: float) -> Iterator[tuple[int, Hold]]:
        """Holds that are due, the earliest first; they are forgotten unless kept again."""
        while self._due and self._due[0][0] <= now_s:
            _, bid_id = heappop(self._due)
            hold = self._holds.pop(bid_id)
            if bid_id < 0:
                del self._gaps[hold.campaign, hold.life]
            yield bid_id, hold
