"""Which of a campaign's creatives to show."""

from collections.abc import Collection, Sequence

from bidder.auction.creative.fit import furthest, misfit
from bidder.auction.creative.prepared import Prepared
from bidder.auction.creative.slot import Slot
from bidder.domain.reason import Reason

_SPREAD = 0xBF58476D1CE4E5B9  # of splitmix64; any odd constant unlike the throttle's, so that the draws are independent
_MASK = (1 << 64) - 1


def fitting(
    creatives: Sequence[Prepared], slot: Slot, exchange: str, deals: Collection[str]
) -> Sequence[Prepared] | Reason:
    """The creatives that fit; where none does, the reason of the one that got furthest in the order of the checks."""
    reasons = [misfit(each, slot, exchange, deals) for each in creatives]
    fit = [each for each, reason in zip(creatives, reasons, strict=True) if reason is Reason.BID]
    return fit or furthest(reasons)


def drawn(creatives: Sequence[Prepared], key: int) -> Prepared:
    """One of the creatives, in proportion to their weights, the same for the same `key`."""
    if len(creatives) == 1:
        return creatives[0]
    lot = (key * _SPREAD & _MASK) * sum([each.weight for each in creatives]) >> 64
    for creative in creatives:
        lot -= creative.weight
        if lot < 0:
            return creative
    raise AssertionError("a lot is less than the sum of the weights")


def choose(
    creatives: Sequence[Prepared], slot: Slot, exchange: str, deals: Collection[str], key: int
) -> Prepared | Reason:
    """One of the creatives that fit, as `drawn`; or why none does."""
    found = fitting(creatives, slot, exchange, deals)
    return found if isinstance(found, Reason) else drawn(found, key)
