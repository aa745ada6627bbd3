"""Late answers, and whether anything but the bidder explains them.

A cause outside the bidder is a second in which the sender itself lagged, or in which the bidder could have run but had
no processor. What is late in any other second is unexplained.
"""

from collections.abc import Sequence
from itertools import pairwise

from loadtests import summary
from loadtests.record import Record
from loadtests.result import Usage

LAGGING_US = 5_000
"""A sender that is so late may be why an answer is."""
STARVED_S = 0.05
"""So may a machine that lets the bidder wait so long within a second or two."""


def starved(usage: Sequence[Usage]) -> set[int]:
    """Seconds in which, or just after which, the bidder waited for a processor."""
    found: set[int] = set()
    for before, after in pairwise(usage):
        if after.waited_s - before.waited_s >= STARVED_S:
            found.update(range(int(before.second) - 1, int(after.second) + 2))
    return found


def unexplained(record: Record, starved_seconds: set[int]) -> int:
    """Answers that decided late in a second in which neither the sender lagged nor the bidder was starved."""
    of = summary.columns(record)
    late = of.second[of.is_late].tolist()
    return sum(record.most_lag_us.get(second, 0) < LAGGING_US and second not in starved_seconds for second in late)
