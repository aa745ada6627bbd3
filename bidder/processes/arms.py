"""What became of the bids of each model: bids, wins, spend, and outcomes against what was predicted. Pure.

Money is integer micros of the account currency. An outcome counts with the bid it belongs to, for as long as the bid is
remembered; conversions that come later are missing in all arms alike.
"""

from collections.abc import Collection

from msgspec import Struct

from bidder.events.schema import Bid, Notice
from bidder.processes.follower import Follower

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


class Made(Struct, gc=False):
    """A bid that is remembered."""

    model: str
    goal: str
    probability: float
    at_ms: int
    shown: bool = False
    paid: bool = False
    hit: bool = False


class Arms(Follower):
    """Keeps an arm for each model that bids name."""

    def __init__(self) -> None:
        super().__init__()
        self.arms: dict[str, Arm] = {}
        """By the name and version that bids name."""
        self._made: dict[int, Made] = {}
        self._since_ms = 0

    def restart(self, now_ms: int) -> None:
        """Begin all arms anew with the bids from now on: what is compared has changed."""
        self.arms, self._since_ms = {}, now_ms

    def _bid(self, bid: Bid) -> None:
        if not bid.model or bid.test or bid.at_ms < self._since_ms:
            return
        arm = self.arms.setdefault(bid.model, Arm())
        arm.bids += 1
        arm.bid_micros += bid.price_micros
        made = self._made
        made[bid.bid_id] = Made(bid.model, bid.goal, bid.probability, bid.at_ms)
        while len(made) > MOST_REMEMBERED or made[next(iter(made))].at_ms < bid.at_ms - REMEMBERED_MS:
            del made[next(iter(made))]

    def _follows(self, bid_id: int) -> bool:
        return bid_id in self._made

    def _of(self, made: Made) -> Arm:
        """Where the bid counts; nowhere any more when it was made before the arms began anew."""
        return self.arms.setdefault(made.model, Arm()) if made.at_ms >= self._since_ms else Arm()

    def _paid(self, notice: Notice) -> None:
        made = self._made[notice.bid_id]
        if made.paid:
            return
        made.paid = True
        arm, price = self._of(made), notice.price_micros or 0
        arm.wins += 1
        arm.spend_micros += price
        arm.spend_squares += price * price
        self._shown(notice.bid_id)

    def _shown(self, bid_id: int) -> None:
        """What was paid for counts as shown, also where no pixel is fetched."""
        made = self._made[bid_id]
        if not made.shown:
            made.shown = True
            arm = self._of(made)
            arm.shown += 1
            arm.expected += made.probability

    def _hit(self, bid_id: int, goals: Collection[str]) -> None:
        made = self._made[bid_id]
        if not made.hit and made.goal in goals:
            made.hit = True
            self._of(made).outcomes += 1
