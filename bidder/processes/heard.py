"""The records of control, and somebody who hears of each event that goes into them."""

from collections.abc import Callable

from bidder.events.schema import Event
from bidder.web.acknowledgement import Records


class Heard:
    """Passes everything on; money is told of once it is taken."""

    def __init__(self, records: Records, hear: Callable[[Event], None]) -> None:
        self._records = records
        self._hear = hear

    def append(self, event: Event) -> None:
        """Take telemetry, or drop and count it."""
        self._hear(event)
        self._records.append(event)

    def append_money(self, event: Event) -> None:
        """Take an event that must not be lost. Raises `RecordError` where it cannot be taken."""
        self._records.append_money(event)
        self._hear(event)

    async def commit(self) -> None:
        """Return once all money taken before the call is on disk. Raises `RecordError` where it is not."""
        await self._records.commit()
