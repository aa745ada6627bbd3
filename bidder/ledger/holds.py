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


class Entry(Struct):
    """A bid as the book remembers it. Integer micros."""

    campaign: str
    held: int
    expires_s: int
    state: State = State.HELD
    won: bool = False
    lost: bool = False
    awaited: bool = False
    """Known from its ticket only: its record is still to come, and must not be taken for another bid."""
    unmoved: int = 0
    """Billed late, perhaps before its record was read: what the record will then move out of the unspent grants."""


class Holds:
    """Entries by bid id, each due at one moment."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._due: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, bid_id: int) -> Entry | None:
        """The entry of a bid, if it is remembered."""
        return self._entries.get(bid_id)

    def held_by_campaign(self) -> Counter[str]:
        """All holds added up anew."""
        held: Counter[str] = Counter()
        for entry in self._entries.values():
            held[entry.campaign] += entry.held
        return held

    def keep(self, bid_id: int, entry: Entry, due_s: int) -> None:
        """Remember an entry, until `due` gives it out at `due_s`."""
        self._entries[bid_id] = entry
        heappush(self._due, (due_s, bid_id))

    def due(self, now_s: float) -> Iterator[tuple[int, Entry]]:
        """Entries that are due, the earliest first; they are forgotten unless kept again."""
        while self._due and self._due[0][0] <= now_s:
            _, bid_id = heappop(self._due)
            yield bid_id, self._entries.pop(bid_id)
