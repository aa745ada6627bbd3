"""The money of one campaign, in double entry.

    budget ──grant──▶ unspent ──hold──▶ held ──spend──▶ spent
       ▲                 │                │
       └───── released ──┴────────────────┘

What was ever granted stands on one side, what became of it on the other:
`granted == unspent + held + spent + released`. Every posting checks that, and that it did not commit beyond the budget.
"""

from msgspec import Struct


class UnbalancedError(Exception):
    """The book contradicts itself: a defect of ours. Money must not move on."""


class Budget(Struct, frozen=True):
    """What may be spent; None is no limit. Integer micros."""

    total_micros: int | None = None
    day_micros: int | None = None


class Account(Struct):
    """Integer micros; plain data. Money moves by the methods only, which raise `UnbalancedError`."""

    campaign: str
    budget: Budget = Budget(0, 0)
    granted: int = 0
    unspent: int = 0
    """Granted to workers, and not known to be bid."""
    held: int = 0
    """Full prices of the bids that are not resolved."""
    spent: int = 0
    released: int = 0
    """Given back: lost, expired, or the difference to the clearing price."""
    spent_today: int = 0
    late: int = 0
    """Billed when nothing was held any more: claimed by exchanges, outside the budget."""

    @property
    def committed(self) -> int:
        """What is spent or may yet be."""
        return self.spent + self.held + self.unspent

    @property
    def available(self) -> int:
        """What may still be granted."""
        return max(0, self._room)

    @property
    def _room(self) -> int:
        """What is left of the tighter limit; negative after an edit put the budget below what is committed."""
        total, day = self.budget.total_micros, self.budget.day_micros
        left = _UNLIMITED if total is None else total - self.committed
        return left if day is None else min(left, day - self.spent_today - self.held - self.unspent)

    def grant(self, micros: int) -> None:
        """Budget to workers; no more than is available."""
        self._post(granted=micros, unspent=micros)

    def hold(self, micros: int) -> None:
        """A worker's grant to a bid."""
        self._post(unspent=-micros, held=micros)

    def spend(self, held: int, micros: int) -> None:
        """A hold to the exchange: `micros` of it, the rest is released."""
        self._post(held=-held, spent=micros, released=held - micros)

    def release(self, held: int) -> None:
        """A hold back to the budget."""
        self._post(held=-held, released=held)

    def reclaim(self, micros: int) -> None:
        """Unspent grants back to the budget."""
        self._post(unspent=-micros, released=micros)

    def _post(self, granted: int = 0, unspent: int = 0, held: int = 0, spent: int = 0, released: int = 0) -> None:
        room = self._room
        self.granted += granted
        self.unspent += unspent
        self.held += held
        self.spent += spent
        self.spent_today += spent
        self.released += released
        balanced = self.granted == self.unspent + self.held + self.spent + self.released
        negative = min(granted, self.unspent, self.held, spent, released) < 0
        overcommitted = self._room < min(room, 0)
        if not balanced or negative or overcommitted:
            raise UnbalancedError(f"after posting {granted=} {unspent=} {held=} {spent=} {released=}: {self}")


_UNLIMITED = 2**62
