"""Lives of workers that last, and what tickets told of their bids ahead of the records."""

from collections import Counter

from bidder.ledger.account import Account
from bidder.ledger.holds import Hold


class Lives:
    """A bid without record is among the unspent grants of its life, until its record comes or a ticket moves it."""

    def __init__(self) -> None:
        self._ahead: dict[int, Counter[str]] = {}
        """By life: what tickets moved out of the unspent grants ahead of the records, by campaign."""

    def __contains__(self, life: int) -> bool:
        return life in self._ahead

    def begin(self, life: int) -> None:
        """A worker bids under this number from here on."""
        self._ahead[life] = Counter()

    def end(self, life: int) -> Counter[str]:
        """The worker is gone: what tickets moved that no record tells of, by campaign."""
        return self._ahead.pop(life)

    def await_record(self, hold: Hold, *, moved: bool) -> None:
        """The record of this bid is still to come, if its worker lives; `moved`: it is no longer an unspent grant."""
        if hold.life not in self._ahead:
            return
        hold.awaited = True
        if moved:
            self._ahead[hold.life][hold.campaign] += hold.price
        else:
            hold.unmoved = hold.price

    def take_record(self, hold: Hold, account: Account) -> None:
        """The record of an awaited bid came."""
        if hold.unmoved:
            account.reclaim(min(hold.unmoved, account.unspent))
        elif hold.life in self._ahead:
            self._ahead[hold.life][hold.campaign] -= hold.price
        hold.awaited, hold.unmoved = False, 0
