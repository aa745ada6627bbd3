"""Bids followed to what becomes of them, in order, though exchanges answer faster than records are read. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable

from bidder.domain.outcome import Outcome
from bidder.events.schema import Bid, Click, Conversion, Event, Impression, Notice

MOST_EARLY = 10_000
"""Bids of which something is heard before them; beyond, the oldest are forgotten."""

_COUNTING = frozenset(each.value for each in Outcome if each.counts)

Told = Notice | Impression | Click | Conversion
"""What is said of a bid."""


class Follower(ABC):
    """Hears of each bid first, and then of what counted of it."""

    def __init__(self) -> None:
        self._early: dict[int, list[Told]] = {}

    def take_in(self, events: Iterable[Event]) -> None:
        """Take in bids and what became of them, in the order of time as far as it is known."""
        for event in events:
            if isinstance(event, Bid):
                early = self._early.pop(event.bid_id, ())
                self._bid(event)
                for told in early:
                    self._came(told)
            elif isinstance(event, Told):
                if self._follows(event.bid_id):
                    self._came(event)
                else:
                    self._keep(event)

    def _keep(self, told: Told) -> None:
        """Until the record of the bid comes."""
        self._early.setdefault(told.bid_id, []).append(told)
        if len(self._early) > MOST_EARLY:
            del self._early[next(iter(self._early))]

    def _came(self, told: Told) -> None:
        if told.outcome not in _COUNTING or not self._follows(told.bid_id):
            return
        match told:
            case Notice(kind="billing"):
                self._paid(told)
            case Impression():
                self._shown(told.bid_id)
            case Click():
                self._hit(told.bid_id, {"cpc"})
            case Conversion():
                self._hit(told.bid_id, {"cpa", "value"})
            case _:
                pass

    @abstractmethod
    def _bid(self, bid: Bid) -> None:
        """A bid was made; whether it is followed is yours to say."""

    @abstractmethod
    def _follows(self, bid_id: int) -> bool:
        """Whether this bid is followed."""

    @abstractmethod
    def _paid(self, notice: Notice) -> None:
        """A followed bid was billed."""

    @abstractmethod
    def _shown(self, bid_id: int) -> None:
        """The pixel of a followed bid was fetched."""

    @abstractmethod
    def _hit(self, bid_id: int, goals: Collection[str]) -> None:
        """What a followed bid with one of these goals was made for came about."""
