"""What the journal is made of: one line for each notice that took effect, and what it moved. Plain data.

reserved ──▶ spent + released         every line balances by itself
(nothing held) ──▶ late               claimed by an exchange, outside the budget
spent ──▶ margin                      what the advertiser owes us on top, where the campaign states a margin
spent ──▶ fee                         what the exchange is owed on top, where its agreement states a fee
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from bidder.ledger.account import Budget

LIFE_BITS = 24
"""The life of a worker is the epoch of its control process, and a number of this many bits."""


def first_life(epoch: int) -> int:
    """The number before those of the workers of an epoch; it stands for all of them."""
    return epoch << LIFE_BITS


Kind = Literal["win", "bill", "loss"]


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the journal: it stands there once for each bid and kind. Integer micros of the account currency."""

    bid_id: int
    """Unsigned, 64 bits."""
    kind: Kind
    at_ms: int
    """Milliseconds since 1970 UTC."""
    campaign: str
    day: str
    """`YYYY-MM-DD` in the timezone of the campaign: the account that the line is booked to."""
    expires_s: int
    """When the bid's hold ends: until then a restart has to know the line."""
    life: int = 0
    """Of the worker that bid, as `domain.ticket.Ticket.life` says."""
    outcome: str
    price_micros: int
    """The bid."""
    reserved_micros: int = 0
    """What was held for it until this line."""
    spent_micros: int = 0
    released_micros: int = 0
    late_micros: int = 0
    margin_micros: int = 0
    fee_micros: int = 0

    @property
    def balances(self) -> bool:
        """Whether what was reserved is all spent or released, and nothing is negative or beyond the bid."""
        moved = (self.spent_micros, self.released_micros, self.late_micros, self.margin_micros, self.fee_micros)
        whole = self.reserved_micros in {0, self.price_micros}
        return whole and min(moved) >= 0 and self.reserved_micros == self.spent_micros + self.released_micros


Post = Callable[[Entry], None]
"""Takes a line of the journal; must not raise."""


class Balance(Struct, frozen=True, kw_only=True):
    """The journal of a campaign's day, added up."""

    campaign: str
    day: str
    bills: int = 0
    spent_micros: int = 0
    released_micros: int = 0
    late_micros: int = 0
    margin_micros: int = 0
    fee_micros: int = 0


class Gap(Struct, frozen=True, kw_only=True):
    """Bids that a board counted and no record tells of: held in one sum until the longest of them has expired.

    Those that notices name are counted until they are over, like the others, and subtracted when it is read.
    """

    epoch: int
    """The life of control that the board belonged to."""
    campaign: str
    micros: int
    until_s: int
    """Seconds since 1970 UTC."""


class Fund(Struct, frozen=True, kw_only=True):
    """What the configuration lets a campaign spend, from one moment on."""

    campaign: str
    at_ms: int
    advertiser: str
    total_micros: int | None
    """For the flight; None is no limit."""
    day_micros: int | None
    since: str
    """First day of the flight, as `Entry.day`."""
    timezone: str
    margin_ppb: int
    hour_micros: int | None = None
    group: str = ""
    """The group whose budget it shares."""

    @property
    def budget(self) -> Budget:
        """As the account of the campaign has it."""
        return Budget(self.total_micros, self.day_micros, self.since, self.margin_ppb, self.hour_micros)
