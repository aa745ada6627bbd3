"""What a notice, pixel, click or conversion leads to: the answer, what to count, what to record. Plain data."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from bidder.domain.links import Kind
from bidder.domain.outcome import Outcome
from bidder.events.schema import Event, Notice

Counts: TypeAlias = Counter[tuple[Kind, Outcome]]
"""How often each kind of call ended in which way.

A settlement counts as `Kind.BILLING` whichever URL brought it, so an exchange that bills on its win notice or on the
pixel adds to two kinds with one call.
"""


class Receipt(Struct, frozen=True, kw_only=True):
    """How to answer, and what to record before."""

    status: int
    outcome: Outcome
    bid_id: int | None = None
    """Of a genuine ticket."""
    events: tuple[Event, ...] = ()
    """Telemetry."""
    money: Notice | None = None
    """The record of spend."""
    body: str | None = None
    """Markup that the answer carries."""
    location: str | None = None
    """Where a click leads."""

    @property
    def all_events(self) -> tuple[Event, ...]:
        """What to record."""
        return self.events if self.money is None else (*self.events, self.money)


REFUSALS: Mapping[Outcome, int] = {
    Outcome.MALFORMED: 400,
    Outcome.UNKNOWN_KEY: 403,
    Outcome.BAD_SIGNATURE: 403,
    Outcome.BAD_LANDING: 403,
    Outcome.OVERSIZED: 414,
}
"""The status for what was not ours, or not whole."""


def refusal(outcome: Outcome) -> Receipt:
    """The receipt for what is not ours. It is counted but not recorded, so that strangers cannot fill the disk."""
    return Receipt(status=REFUSALS[outcome], outcome=outcome)
