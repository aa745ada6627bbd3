"""The money of all campaigns: their accounts and budgets, what was granted, and what may still be. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bidder.ledger.account import Account, Budget
from bidder.ledger.entry import Balance, Entry
from bidder.ledger.pool import Pool


class Accounts:
    """Accounts by campaign, and the budgets that they share."""

    def __init__(self, opened_s: float) -> None:
        self._accounts: dict[str, Account] = {}
        self._pools: dict[str, Pool] = {}
        self._now_s = opened_s

    @property
    def accounts(self) -> Mapping[str, Account]:
        """By campaign, to read."""
        return self._accounts

    @property
    def now_s(self) -> float:
        """When bids were given up last."""
        return self._now_s

    def fund(self, campaign: str, budget: Budget) -> None:
        """Open an account, or change its budget. What is committed stays committed."""
        self._account(campaign).fund(budget)

    def start_day(self, campaign: str, day: str) -> None:
        """Book to this day from here on; bids that are still open count against the day they are billed on."""
        self._account(campaign).day = day

    def start_hour(self, campaign: str, hour_s: int) -> None:
        """A clock hour of the campaign began at `hour_s`."""
        self._account(campaign).hour_s = hour_s

    def available(self, campaign: str) -> int:
        """What may still be granted; 0 for a campaign without account."""
        account = self._accounts.get(campaign)
        if account is None:
            return 0
        pool = self._pools.get(campaign)
        shared = pool.available(self._accounts) if pool is not None else None
        return account.available if shared is None else min(account.available, shared)

    def share(self, pools: Iterable[Pool]) -> None:
        """From now on campaigns share these budgets, one at most. What is committed stays committed."""
        self._pools = {campaign: pool for pool in pools for campaign in pool.members}

    def sharing(self, campaign: str) -> frozenset[str]:
        """The campaigns, itself among them, whose money is of the budget that it shares."""
        pool = self._pools.get(campaign)
        return frozenset({campaign}) if pool is None else pool.members

    def grant(self, campaign: str, micros: int) -> int:
        """Set aside for a worker up to `micros`, as far as they are available; returns how many."""
        granted = max(0, min(micros, self.available(campaign)))
        if granted:
            self._accounts[campaign].grant(granted)
        return granted

    def reclaim(self, campaign: str, micros: int) -> None:
        """Take back what a worker did not spend and will not."""
        self._account(campaign).reclaim(micros)

    def has_open(self, campaign: str) -> bool:
        """Whether money of the campaign is with workers or held for bids."""
        account = self._accounts.get(campaign)
        return account is not None and account.held + account.unspent > 0

    def reopen_balance(self, balance: Balance) -> None:
        """Carry over a day of the journal."""
        account = self._account(balance.campaign)
        account.reopen_spent(balance.day, balance.spent_micros, balance.margin_micros, balance.fee_micros)
        account.late += balance.late_micros

    def reopen_hour(self, entry: Entry) -> None:
        """Carry over when it was that money was spent, which balances of days do not tell."""
        self._account(entry.campaign).spent_at(entry.at_ms / 1000, entry.spent_micros)

    def _account(self, campaign: str) -> Account:
        account = self._accounts.get(campaign)
        if account is None:
            today = datetime.fromtimestamp(self._now_s, UTC).date()
            account = self._accounts[campaign] = Account(campaign, day=str(today))
        return account
