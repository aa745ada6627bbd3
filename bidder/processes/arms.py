"""What became of the bids of each model: bids, wins, spend, and outcomes against what was predicted. Pure.

Money is integer micros of the account currency. An outcome counts with the bid it belongs to, for as long as the bid is
remembered; conversions that come later are missing in all arms alike.
"""

from msgspec import Struct

from bidder.events.schema import Bid, Notice
from bidder.processes.follower import Followed, Follower

REMEMBERED_MS = 2 * 3_600_000
MOST_REMEMBERED = 200_000
"""Bids; beyond, the oldest are forgotten first."""


class Arm(Struct):
    """The bids of one model since it was first seen, or since its comparison began."""

    bids: int = 0
    bid_micros: int = 0
    wins: int = 0
    spend_micros: int = 0
    spend_squares: int = 0
    """The sum of the squares of prices paid, for the error of their mean."""
    shown: int = 0
    expected: float = 0.0
    """Outcomes that were predicted of the impressions shown."""
    outcomes: int = 0

    @property
    def calibration(self) -> float | None:
        """Outcomes over those predicted; None before anything was predicted."""
        return self.outcomes / self.expected if self.expected else None


class Made(Followed, gc=False, kw_only=True):
    """A bid that is remembered."""

    model: str
    probability: float


class Arms(Follower[Made]):
    """Keeps an arm for each model that bids name."""

    def __init__(self) -> None:
        super().__init__()
        self.arms: dict[str, Arm] = {}
        """By the name and version that bids name."""
        self._since_ms = 0

    def restart(self, now_ms: int) -> None:
        """Begin all arms anew with the bids from now on: what is compared has changed."""
        self.arms, self._since_ms = {}, now_ms

    def _begin(self, bid: Bid) -> Made | None:
        if not bid.model or bid.test or bid.at_ms < self._since_ms:
            return None
        arm = self.arms.setdefault(bid.model, Arm())
        arm.bids += 1
        arm.bid_micros += bid.price_micros
        self._forget(bid.at_ms - REMEMBERED_MS, MOST_REMEMBERED - 1)
        return Made(bid.at_ms, bid.goal, model=bid.model, probability=bid.probability)

    def _of(self, made: Made) -> Arm:
        """Where the bid counts; nowhere any more when it was made before the arms began anew."""
        return self.arms.setdefault(made.model, Arm()) if made.at_ms >= self._since_ms else Arm()

    def _paid(self, followed: Made, notice: Notice) -> None:
        arm, price = self._of(followed), notice.price_micros or 0
        arm.wins += 1
        arm.spend_micros += price
        arm.spend_squares += price * price

    def _shown(self, followed: Made) -> None:
        arm = self._of(followed)
        arm.shown += 1
        arm.expected += followed.probability

    def _hit(self, followed: Made) -> None:
        self._of(followed).outcomes += 1
