"""Acknowledging money: not before it is safe, and for repeats neither."""

from typing import Protocol

from bidder.events.schema import Event, Notice


class Records(Protocol):
    """Where events go."""

    def append(self, event: Event) -> None:
        """Take telemetry, or drop and count it."""

    def append_money(self, event: Event) -> None:
        """Take an event that must not be lost. Raises `RecordError` where it cannot be taken."""

    async def commit(self) -> None:
        """Return once all money taken before the call is on disk. Raises `RecordError` where it is not."""


class Acknowledgement:
    """Knows which spend is not safe yet, so that a repeat of its notice is not acknowledged too early."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._untaken: dict[int, Notice] = {}
        self._uncommitted: set[int] = set()

    @property
    def pending(self) -> int:
        """Bids whose spend is booked and not yet safe."""
        return len(self._untaken) + len(self._uncommitted)

    async def ready(self, bid_id: int, money: Notice | None) -> None:
        """Return when a call about this bid, which brought `money` or none, may be acknowledged.

        Raises `RecordError` where that is not possible now; the sender is to call again.
        """
        if money is not None:
            self._untaken[bid_id] = money
        waiting = self._untaken.get(bid_id)
        if waiting is not None:
            self._records.append_money(waiting)
            del self._untaken[bid_id]
            self._uncommitted.add(bid_id)
        if bid_id in self._uncommitted:
            await self._records.commit()
            self._uncommitted.discard(bid_id)
