"""Times in which no control process gave up expired bids, and how long what is open lasts across them. Pure.

What expired while nobody listened may have been billed meanwhile. It is held anew, for as long as it was meant to be,
from the moment on at which somebody listens again; and so once more, if that ends in a later outage. So a hold is over
when it ends while control lives, which is at the latest one such time after the last restart.
"""

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from msgspec import Struct

from bidder.ledger.claim import Claim


class Outage(Struct, frozen=True):
    """Between two lives of control. Seconds since 1970 UTC, as each of the two had them."""

    alive_s: float
    """When the one before gave up expired bids last."""
    opened_s: float
    """When the one after it took over."""
    wall_s: float = 0.0
    """What the wall clock said at `alive_s`, by which bids were made: it may have jumped."""


class Term(NamedTuple):
    """How long a hold lasts."""

    due_s: int
    surely: bool
    """Whether it was not given up by any clock; where one jumped, nobody knows."""


class Outages:
    """Those that a hold may have lived through."""

    def __init__(self, outages: Iterable[Outage], longest_s: float) -> None:
        """`outages`: at least one, the last is the present one. `longest_s`: how long any bid may be open."""
        *before, present = outages
        self._relevant = [present]
        for outage in reversed(before):
            if max(outage.alive_s, outage.wall_s, outage.opened_s) + longest_s <= self._relevant[0].alive_s:
                break
            self._relevant.insert(0, outage)
        self.longest_s = longest_s
        self.earliest_s = min(min(each.alive_s, each.opened_s) for each in self._relevant)
        """What expired before was given up by any clock."""
        self._over_s = min(present.alive_s, present.opened_s)

    def term(self, bid: Claim) -> Term:
        """Of the hold of a bid."""
        due_s, surely = bid.expires_s, True
        for outage in self._relevant:
            surely = surely and due_s > max(outage.alive_s, outage.wall_s)
            if outage.alive_s < due_s <= outage.opened_s:
                due_s = ceil(outage.opened_s) + max(1, bid.expires_s - bid.at_s)
        return Term(due_s, surely)

    def is_over(self, term: Term) -> bool:
        """Whether the hold was given up by any clock."""
        return term.due_s <= self._over_s
