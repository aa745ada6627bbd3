"""The money of one campaign, in double entry.

    budget ──grant──▶ unspent ──hold──▶ held ──spend──▶ spent ──▶ margin
       ▲                 │                │
       └───── released ──┴────────────────┘

What was ever granted stands on one side, what became of it on the other:
`granted == unspent + held + spent + released`. Every posting checks that before and after, and that it did not commit
beyond the budget.

The budget limits what exchanges are paid for impressions. What the advertiser owes on top stands beside it: the margin,
which we keep, and the fees, which we owe to the exchanges.
"""

from msgspec import Struct

PPB = 1_000_000_000
UNLIMITED_MICROS = 2**62
"""What is left where nothing limits it."""


class UnbalancedError(Exception):
    """The book contradicts itself: a defect of ours. Money must not move on."""


class Budget(Struct, frozen=True):
    """What may be spent; None is no limit. Integer micros."""

    total_micros: int | None = None
    """For the flight."""
    day_micros: int | None = None
    since: str = ""
    """First day of the flight, `YYYY-MM-DD`: what was spent before it counts for another flight."""
    margin_ppb: int = 0
    """Share of what the advertiser pays that is kept, in parts per billion. It comes on top of what is spent."""
    hour_micros: int | None = None
    """For a clock hour."""

    def margin_micros(self, spent: int) -> int:
        """What the advertiser owes beside `spent`, to the nearest micro."""
        keeps = PPB - self.margin_ppb
        return (spent * self.margin_ppb + keeps // 2) // keeps


def fee_micros(spent: int, fee_ppb: int) -> int:
    """What an exchange is owed beside `spent`, to the nearest micro."""
    return (spent * fee_ppb + PPB // 2) // PPB


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
    late: int = 0
    """Billed when nothing was held any more: claimed by exchanges, outside the budget."""
    margin: int = 0
    """What the advertiser owes beside `spent`, and we keep."""
    fee: int = 0
    """What exchanges are owed beside `spent`, and the advertiser owes."""
    day: str = ""
    """The day in the campaign's timezone, `YYYY-MM-DD`."""
    days: dict[str, int] = {}
    """Spent by day; adds up to `spent`."""
    before: int = 0
    """Spent before the flight began."""
    hour_s: int = 0
    """When the present clock hour began in the campaign's timezone, in seconds since 1970 UTC."""
    quarters: dict[int, int] = {}
    """Spent lately by quarters of an hour since 1970 UTC: hours begin on one in every timezone."""

    @property
    def spent_today(self) -> int:
        """Spent on the present day."""
        return self.days.get(self.day, 0)

    @property
    def spent_this_hour(self) -> int:
        """Spent since the present clock hour began."""
        first = self.hour_s // _QUARTER_SECONDS
        return sum(spent for quarter, spent in self.quarters.items() if quarter >= first)

    @property
    def spent_in_flight(self) -> int:
        """Spent since the flight began."""
        return self.spent - self.before

    @property
    def committed(self) -> int:
        """What is spent in this flight or may yet be."""
        return self.spent_in_flight + self.held + self.unspent

    @property
    def available(self) -> int:
        """What may still be granted."""
        return max(0, self._room)

    @property
    def overspend_bound(self) -> int:
        """The most by which the flight can end above its budget: 0 unless an edit put it below what is committed."""
        total = self.budget.total_micros
        return 0 if total is None else max(0, self.committed - total)

    @property
    def _room(self) -> int:
        """What is left of the tightest limit; negative after an edit put the budget below what is committed."""
        budget, out = self.budget, self.held + self.unspent
        left = UNLIMITED_MICROS if budget.total_micros is None else budget.total_micros - self.committed
        if budget.day_micros is not None:
            left = min(left, budget.day_micros - self.spent_today - out)
        if budget.hour_micros is not None:
            left = min(left, budget.hour_micros - self.spent_this_hour - out)
        return left

    def fund(self, budget: Budget) -> None:
        """Change what may be spent. What is committed stays committed."""
        self.budget = budget
        self.before = sum(spent for day, spent in self.days.items() if day < budget.since)

    def grant(self, micros: int) -> None:
        """Budget to workers; no more than is available."""
        self._post(granted=micros, unspent=micros)

    def hold(self, micros: int) -> None:
        """A worker's grant to a bid."""
        self._post(unspent=-micros, held=micros)

    def spend(self, held: int, micros: int, *, at_s: float = 0, fee: int = 0) -> None:
        """A hold to the exchange: `micros` of it, the rest is released; `fee` is owed beside it."""
        self.spent_at(at_s, micros)
        self._post(held=-held, spent=micros, released=held - micros)
        self.fee += fee

    def spent_at(self, at_s: float, micros: int) -> None:
        """Count what is spent to the hour in which it is; or was, by a book before this one."""
        quarter = int(at_s) // _QUARTER_SECONDS
        if quarter not in self.quarters:
            self.quarters = {each: spent for each, spent in self.quarters.items() if each > quarter - _QUARTERS_KEPT}
        self.quarters[quarter] = self.quarters.get(quarter, 0) + micros

    def release(self, held: int) -> None:
        """A hold back to the budget."""
        self._post(held=-held, released=held)

    def reclaim(self, micros: int) -> None:
        """Unspent grants back to the budget."""
        self._post(unspent=-micros, released=micros)

    def reopen_spent(self, day: str, micros: int, margin: int, fee: int) -> None:
        """Carry over what a book before this one has spent on a day."""
        self.granted += micros
        self.spent += micros
        self.margin += margin
        self.fee += fee
        self.days[day] = self.days.get(day, 0) + micros
        if day < self.budget.since:
            self.before += micros

    def reopen_held(self, micros: int) -> None:
        """Carry over what bids of a book before this one hold, whatever the budget says: they are made."""
        self.granted += micros
        self.held += micros

    def _post(self, granted: int = 0, unspent: int = 0, held: int = 0, spent: int = 0, released: int = 0) -> None:
        room = self._room
        before = self._balanced
        self.granted += granted
        self.unspent += unspent
        self.held += held
        self.released += released
        if spent:
            self.spent += spent
            self.margin += self.budget.margin_micros(spent)
            self.days[self.day] = self.days.get(self.day, 0) + spent
        negative = min(granted, self.unspent, self.held, spent, released) < 0
        overcommitted = self._room < min(room, 0)
        if not (before and self._balanced) or negative or overcommitted:
            raise UnbalancedError(f"after posting {granted=} {unspent=} {held=} {spent=} {released=}: {self}")

    @property
    def _balanced(self) -> bool:
        return self.granted == self.unspent + self.held + self.spent + self.released


_QUARTER_SECONDS = 900
_QUARTERS_KEPT = 8
