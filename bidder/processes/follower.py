"""Bids followed to what becomes of them, in order, though exchanges answer faster than records are read. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from bidder.domain.outcome import COUNTING
from bidder.events.schema import Bid, Click, Conversion, Event, Impression, Notice

MOST_EARLY = 10_000
"""Bids of which something is heard before them; beyond, the oldest are forgotten."""


Told = Notice | Impression | Click | Conversion
"""What is said of a bid."""


class Followed(Struct, gc=False):
    """A bid, and what is known of it: each becomes true once."""

    at_ms: int
    goal: str
    paid: bool = False
    shown: bool = False
    clicked: bool = False
    hit: bool = False


F = TypeVar("F", bound=Followed)


class Follower(ABC, Generic[F]):
    """Hears of each bid first, and then of what counted of it, each thing once.

    What is paid for was shown, also where no pixel is fetched. A bid is hit by what its goal is, a click or a
    conversion.
    """

    def __init__(self) -> None:
        self._followed: dict[int, F] = {}
        """By the number of the bid, the oldest first."""
        self._early: dict[int, list[Told]] = {}

    def take_in(self, events: Iterable[Event]) -> None:
        """Take in bids and what became of them, in the order of time as far as it is known."""
        for event in events:
            if isinstance(event, Bid):
                early = self._early.pop(event.bid_id, ())
                followed = self._begin(event)
                if followed is not None:
                    self._followed[event.bid_id] = followed
                    for told in early:
                        self._came(followed, told)
            elif isinstance(event, Told):
                known = self._followed.get(event.bid_id)
                if known is not None:
                    self._came(known, event)
                else:
                    self._keep(event)

    def _forget(self, before_ms: int, most: int) -> None:
        """Follow no longer what was bid before a time, nor more than the latest so many."""
        followed = self._followed
        while followed and (len(followed) > most or followed[next(iter(followed))].at_ms < before_ms):
            del followed[next(iter(followed))]

    def _keep(self, told: Told) -> None:
        """Until the record of the bid comes."""
        self._early.setdefault(told.bid_id, []).append(told)
        if len(self._early) > MOST_EARLY:
            del self._early[next(iter(self._early))]

    def _came(self, followed: F, told: Told) -> None:
        if told.outcome not in COUNTING:
            return
        match told:
            case Notice(kind="billing") if not followed.paid:
                followed.paid = True
                self._paid(followed, told)
                self._show(followed)
            case Impression():
                self._show(followed)
            case Click():
                self._click(followed)
            case Conversion() if not followed.hit and followed.goal in {"cpa", "value"}:
                followed.hit = True
                self._hit(followed)
            case _:
                pass

    def _show(self, followed: F) -> None:
        if not followed.shown:
            followed.shown = True
            self._shown(followed)

    def _click(self, followed: F) -> None:
        if not followed.clicked:
            followed.clicked = True
            self._clicked(followed)
            if followed.goal == "cpc":
                followed.hit = True
                self._hit(followed)

    @abstractmethod
    def _begin(self, bid: Bid) -> F | None:
        """What to follow of a bid that was made; None where it is not followed."""

    @abstractmethod
    def _paid(self, followed: F, notice: Notice) -> None:
        """A bid was billed."""

    def _shown(self, followed: F) -> None:
        """A bid was shown."""

    def _clicked(self, followed: F) -> None:
        """A bid was clicked, whatever it was made for."""

    @abstractmethod
    def _hit(self, followed: F) -> None:
        """What a bid was made for came about."""
