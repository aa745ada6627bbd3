"""The records of control, and somebody who hears of each event that goes into them."""

from collections.abc import Callable

from bidder.events.schema import Event
from bidder.web.acknowledgement import Records


class Heard:
    """Passes everything on."""

    def __init__(self, records: Records, hear: Callable[[Event], None]) -> None:
        self._records = records
        self._hear = hear

    def append(self, event: Event) -> None:
        """Take telemetry, or drop and count it."""
        self._hear(event)
        self._records.append(event)
