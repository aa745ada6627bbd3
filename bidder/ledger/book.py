"""The book: what became of every granted micro, bid by bid. Pure; times come in as arguments.

At every moment, for every campaign,

    spent + all unresolved bids at full price + unspent grants <= budget.

A bid is resolved exactly once: billed, lost or expired. Workers' records tell which bids are outstanding; a ticket
alone is enough to settle, since a notice may come before the record is read. Both orders end in the same balance.
"""

from collections.abc import Mapping
from typing import Protocol

from bidder.domain.outcome import Outcome
from bidder.ledger.account import Account, Budget, UnbalancedError
from bidder.ledger.holds import Entry, Holds, State


class Claim(Protocol):
    """What the book needs to know of a bid; a `domain.ticket.Ticket` is one."""

    @property
    def bid_id(self) -> int: ...
    @property
    def campaign(self) -> str: ...
    @property
    def at_s(self) -> int: ...
    @property
    def expires_s(self) -> int: ...
    @property
    def price_micros(self) -> int: ...


class Book:
    """All accounts and all bids that are not forgotten."""

    def __init__(self, opened_s: float, late_s: int) -> None:
        """`opened_s`: bids before it were covered by grants that this book does not know.

        `late_s`: how long after its expiry a billed bid is remembered, and a bill that comes late still booked.
        """
        self._accounts: dict[str, Account] = {}
        self._holds = Holds()
        self._opened_s = opened_s
        self._late_s = late_s

    @property
    def accounts(self) -> Mapping[str, Account]:
        """By campaign, to read."""
        return self._accounts

    @property
    def remembered(self) -> int:
        """How many bids the book holds in memory."""
        return len(self._holds)

    def fund(self, campaign: str, budget: Budget) -> None:
        """Open an account, or change its budget. What is committed stays committed."""
        self._account(campaign).budget = budget

    def start_day(self, campaign: str) -> None:
        """Begin the day's budget anew; bids that are still open count against the day they are billed on."""
        self._account(campaign).spent_today = 0

    def available(self, campaign: str) -> int:
        """What may still be granted; 0 for a campaign without account."""
        account = self._accounts.get(campaign)
        return account.available if account is not None else 0

    def grant(self, campaign: str, micros: int) -> int:
        """Set aside for a worker up to `micros`, as far as they are available; returns how many."""
        granted = max(0, min(micros, self.available(campaign)))
        if granted:
            self._accounts[campaign].grant(granted)
        return granted

    def reclaim(self, campaign: str, micros: int) -> None:
        """Take back grants that a worker returned. Raises `UnbalancedError` where it did not have them."""
        self._account(campaign).reclaim(micros)

    def has_open(self, campaign: str) -> bool:
        """Whether money of this campaign is with workers or held for bids."""
        account = self._accounts.get(campaign)
        return account is not None and account.held + account.unspent > 0

    def hold(self, bid: Claim) -> Outcome:
        """The record of a bid was read, which happens once. COUNTED, REPEATED (known from its ticket) or UNGRANTED."""
        entry = self._holds.get(bid.bid_id)
        if entry is not None:
            account = self._account(entry.campaign)
            account.reclaim(min(entry.unmoved, account.unspent))
            entry.awaited, entry.unmoved = False, 0
            return Outcome.REPEATED
        return Outcome.COUNTED if self._open(bid).state is State.HELD else Outcome.UNGRANTED

    def win(self, bid: Claim, now_s: float) -> Outcome:
        """The bid won, and will be billed on another event. Moves no money."""
        entry, outcome = self._claimed(bid, now_s)
        if entry is None:
            return outcome
        if entry.won:
            return Outcome.REPEATED
        if entry.lost:
            return Outcome.CONTRADICTED
        entry.won = True
        return Outcome.LATE if entry.state is State.FREE else outcome

    def lose(self, bid: Claim, now_s: float) -> Outcome:
        """The bid lost: its hold is released."""
        entry, outcome = self._claimed(bid, now_s)
        if entry is None:
            return outcome
        if entry.won or entry.state is State.BILLED:
            return Outcome.CONTRADICTED
        if entry.lost:
            return Outcome.REPEATED
        if entry.state is State.FREE:
            return Outcome.LATE
        entry.lost = True
        self._free(entry)
        return outcome

    def bill(self, bid: Claim, price_micros: int, now_s: float) -> Outcome:
        """The exchange bills the bid at a clearing price: booked once, and never beyond the bid's own price.

        COUNTED, UNRECORDED or OVER_HOLD: spent. LATE: nothing is held, so it goes on the late line. EXPIRED: too late
        for that. Raises `ValueError` for a negative price.
        """
        if price_micros < 0:
            raise ValueError(f"bid {bid.bid_id:016x}: a clearing price is not negative, found {price_micros}")
        if now_s >= bid.expires_s + self._late_s:
            return Outcome.EXPIRED
        entry, outcome = self._claimed(bid, now_s)
        if entry is None:
            return self._bill_forgotten(bid, price_micros)
        if entry.state is State.BILLED:
            return Outcome.REPEATED
        account = self._account(entry.campaign)
        if entry.state is State.FREE:
            account.late += min(price_micros, bid.price_micros)
            outcome = Outcome.LATE
        else:
            account.spend(entry.held, min(price_micros, entry.held))
            outcome = Outcome.OVER_HOLD if price_micros > entry.held else outcome
        entry.held, entry.state = 0, State.BILLED
        return outcome

    def expire(self, now_s: float) -> int:
        """Release the holds that have expired and forget what need not be remembered; returns how many expired."""
        expired = 0
        for bid_id, entry in self._holds.due(now_s):
            if entry.state is State.HELD:
                self._free(entry)
                expired += 1
            if entry.awaited:  # else its record would be taken for another bid
                self._holds.keep(bid_id, entry, int(now_s) + self._late_s)
            elif entry.state is State.BILLED and now_s < entry.expires_s + self._late_s:
                self._holds.keep(bid_id, entry, entry.expires_s + self._late_s)
        return expired

    def audit(self) -> None:
        """Add up all holds anew. Raises `UnbalancedError` where an account says otherwise."""
        held = self._holds.held_by_campaign()
        for campaign, account in self._accounts.items():
            if account.held != held[campaign]:
                raise UnbalancedError(f"{campaign}: the open bids hold {held[campaign]} micros: {account}")

    def _account(self, campaign: str) -> Account:
        account = self._accounts.get(campaign)
        if account is None:
            account = self._accounts[campaign] = Account(campaign)
        return account

    def _claimed(self, bid: Claim, now_s: float) -> tuple[Entry | None, Outcome]:
        """The entry of a bid that a ticket speaks of, opened if its record is still to come; None if forgotten."""
        entry = self._holds.get(bid.bid_id)
        if entry is not None:
            return entry, Outcome.COUNTED
        if now_s >= bid.expires_s:
            return None, Outcome.LATE
        entry = self._open(bid)
        entry.awaited = True
        return entry, Outcome.UNRECORDED

    def _open(self, bid: Claim) -> Entry:
        """Move the price of a bid from the grants it was made on to its hold; FREE where nothing covers it."""
        account = self._account(bid.campaign)
        entry = Entry(bid.campaign, bid.price_micros, bid.expires_s)
        granted_here = bid.at_s >= self._opened_s and account.unspent >= bid.price_micros
        if not granted_here and account.available < bid.price_micros:
            entry.held, entry.state = 0, State.FREE
        else:
            if not granted_here:
                account.grant(bid.price_micros)
            account.hold(bid.price_micros)
        self._holds.keep(bid.bid_id, entry, bid.expires_s)
        return entry

    def _free(self, entry: Entry) -> None:
        self._account(entry.campaign).release(entry.held)
        entry.held, entry.state = 0, State.FREE

    def _bill_forgotten(self, bid: Claim, price_micros: int) -> Outcome:
        self._account(bid.campaign).late += min(price_micros, bid.price_micros)
        unmoved = bid.price_micros if bid.at_s >= self._opened_s else 0
        entry = Entry(bid.campaign, 0, bid.expires_s, State.BILLED, unmoved=unmoved)
        self._holds.keep(bid.bid_id, entry, bid.expires_s + self._late_s)
        return Outcome.LATE
