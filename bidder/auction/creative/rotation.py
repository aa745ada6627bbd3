"""Which of a campaign's creatives to show."""

from collections.abc import Collection, Sequence

from bidder.auction.creative.fit import furthest, misfit
from bidder.auction.creative.prepared import Prepared
from bidder.auction.creative.slot import Slot
from bidder.domain.reason import Reason

_BID = Reason.BID
_SPREAD = 0xBF58476D1CE4E5B9  # of splitmix64; any odd constant unlike the throttle's, so that the draws are independent
_MASK = (1 << 64) - 1


def choose(
    creatives: Sequence[Prepared], slot: Slot, exchange: str, deals: Collection[str], key: int
) -> Prepared | Reason:
    """One of the creatives that fit, in proportion to their weights, the same for the same `key`.

    Where none fits: the reason of the one that got furthest in the order of the checks.
    """
    if len(creatives) == 1:
        creative = creatives[0]
        reason = misfit(creative, slot, exchange, deals)
        return creative if reason is _BID else reason
    fitting = [each for each in creatives if misfit(each, slot, exchange, deals) is _BID]
    if len(fitting) == 1:
        return fitting[0]
    return _drawn(fitting, key) if fitting else furthest([misfit(each, slot, exchange, deals) for each in creatives])


def _drawn(creatives: Sequence[Prepared], key: int) -> Prepared:
    lot = (key * _SPREAD & _MASK) * sum(each.weight for each in creatives) >> 64
    for creative in creatives:
        lot -= creative.weight
        if lot < 0:
            return creative
    raise AssertionError("a lot is less than the sum of the weights")
