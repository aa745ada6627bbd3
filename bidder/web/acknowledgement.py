"""What an acknowledgement waits for: money is safe before its sender is told so, and for repeats neither earlier."""

from typing import Protocol

from bidder.events.schema import Event


class Records(Protocol):
    """Where telemetry goes."""

    def append(self, event: Event) -> None:
        """Take telemetry, or drop and count it."""


class Journal(Protocol):
    """Where money goes."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be taken: a notice must not be looked at."""

    async def safe(self, bid_id: int) -> None:
        """Return when all that was booked for a bid is on disk. Raises `RecordError` where it is not."""
