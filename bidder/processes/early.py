"""What is heard of bids before their records are read: exchanges answer faster than segments are."""

from collections.abc import Sequence

from bidder.events.schema import Click, Conversion, Event, Impression, Notice

MOST_BIDS = 10_000
"""Beyond, the oldest are forgotten."""

Told = Notice | Impression | Click | Conversion
"""What is said of a bid."""


class Early:
    """Keeps it until the bid comes."""

    def __init__(self) -> None:
        self._told: dict[int, list[Event]] = {}

    def keep(self, event: Event) -> None:
        """Keep what is said of a bid that is not known yet."""
        if isinstance(event, Told):
            self._told.setdefault(event.bid_id, []).append(event)
            if len(self._told) > MOST_BIDS:
                del self._told[next(iter(self._told))]

    def of(self, bid_id: int) -> Sequence[Event]:
        """What was said of this bid so far; it is handed out once."""
        return self._told.pop(bid_id, ())
