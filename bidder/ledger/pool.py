"""A budget that several campaigns share, on top of their own. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from bidder.ledger.account import Account, Budget


class Pool(Struct, frozen=True):
    """The campaigns that share a budget."""

    budget: Budget
    members: frozenset[str]

    def available(self, accounts: Mapping[str, Account]) -> int | None:
        """What may still be granted to its campaigns together; None where there is no limit. Adds up all of them."""
        mine = [accounts[name] for name in self.members if name in accounts]
        left = []
        if self.budget.total_micros is not None:
            left.append(self.budget.total_micros - sum(each.committed for each in mine))
        if self.budget.day_micros is not None:
            left.append(self.budget.day_micros - sum(each.spent_today + each.held + each.unspent for each in mine))
        if self.budget.hour_micros is not None:
            left.append(self.budget.hour_micros - sum(each.spent_this_hour + each.held + each.unspent for each in mine))
        return max(0, min(left)) if left else None
