"""Why a creative that fits is not bid with: its price, its throttle or its budget."""

from bidder.auction.contest import Contest
from bidder.auction.explain.failure import Failure, failed
from bidder.auction.line import price_of
from bidder.auction.offer import Candidate
from bidder.domain.money import Micros, from_account_down
from bidder.domain.reason import Reason

PPB = 1_000_000_000


def pricing(contest: Contest, candidate: Candidate, reason: Reason) -> Failure:
    """Why a candidate that may be shown is not bid with, and at which price it would have been."""
    auction, line = contest.auction, candidate.line
    probability = auction.predictor.probabilities(contest.facts, [candidate])[0]
    multiplier = auction.purse.multiplier_ppb(line.slot)
    price = from_account_down(price_of(line, probability, multiplier), auction.rate)
    if reason is Reason.BELOW_FLOOR:
        return _below_floor(price, candidate.floor_micros, auction.market.currency)
    if reason is Reason.THROTTLED:
        throttle = min(line.throttle_ppb, auction.purse.throttle_ppb(line.slot))
        return failed(reason, f"a throttle of {throttle / PPB:.3f}", "a request within the throttle's share")
    if reason is Reason.NO_BUDGET:
        return failed(reason, "less granted than this bid", f"{price / 1000:.3f} CPM granted and not yet bid")
    return failed(reason, f"a value of {price / 1000:.3f} CPM", "a value above zero")


def _below_floor(price: Micros, floor: int, currency: str) -> Failure:
    seen, wanted, more = f"{price / 1000:.3f}", f"{floor / 1000:.3f}", f"{(floor - price) / 1000:.3f}"
    change = f"floor {wanted} > price {seen}: +{more} {currency} CPM"
    return failed(Reason.BELOW_FLOOR, f"price {seen}", f"at least {wanted}", change)
