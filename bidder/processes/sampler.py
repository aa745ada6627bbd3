"""A sample of the bids, followed from the bid to its outcome, for whoever judges models by them. Pure."""

from collections import Counter, deque

from bidder.events.schema import Bid, Notice
from bidder.processes.appraisal import Aftermath, Met, Shown
from bidder.processes.follower import Followed, Follower

BIDS_A_SECOND = 20
"""The first ones of each second; bounds what is kept and what is told.

Bids that no model scored are among them: training learns from all impressions, and would call a part of them drift.
"""

LOST_AFTER_MS = 120_000
"""A bid that was not paid for by then counts as lost."""

CLICKED_WITHIN_MS = 600_000
"""How long the facts of a bid are kept for a click on it, most of which come soon; bounds memory."""

KEPT_MS = 2 * 3_600_000
MOST_KEPT = BIDS_A_SECOND * KEPT_MS // 1000


class Sampled(Followed, gc=False, kw_only=True):
    """A bid of the sample."""

    bid: Bid | None
    """None once it was clicked, or is old."""


class Sampler(Follower[Sampled]):
    """Collects until it is asked what came together. What was shown is told once it is paid for."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, Bid] = {}
        """Bids not yet paid for or lost, the oldest first."""
        self._unclicked: deque[Sampled] = deque()
        """Those whose facts are kept, the oldest first."""
        self._second = 0
        self._taken = 0
        self._new = Aftermath([], [], {}, [])
        self._hits: Counter[str] = Counter()

    def collect(self, now_ms: int) -> Aftermath:
        """What came together since the last call."""
        self._give_up(now_ms)
        found = Aftermath(self._new.met, self._new.shown, dict(self._hits), self._new.clicked)
        self._new, self._hits = Aftermath([], [], {}, []), Counter()
        return found

    def _begin(self, bid: Bid) -> Sampled | None:
        second = bid.at_ms // 1000
        if second != self._second:
            self._second, self._taken = second, 0
        if bid.test or self._taken >= BIDS_A_SECOND:
            return None
        self._taken += 1
        self._waiting[bid.bid_id] = bid
        sampled = Sampled(bid.at_ms, bid.goal, bid=bid)
        self._unclicked.append(sampled)
        return sampled

    def _paid(self, followed: Sampled, notice: Notice) -> None:  # noqa: ARG002
        bid = self._waiting.pop(notice.bid_id)
        self._new.met.append(Met(bid.exchange, bid.price_micros, notice.price_micros))
        self._new.shown.append(Shown(bid.exchange, bid.goal, bid.facts))

    def _clicked(self, followed: Sampled) -> None:
        if followed.bid is not None:
            self._new.clicked.append(Shown(followed.bid.exchange, followed.goal, followed.bid.facts))
            followed.bid = None

    def _hit(self, followed: Sampled) -> None:
        self._hits[followed.goal] += 1

    def _give_up(self, now_ms: int) -> None:
        for bid_id, bid in list(self._waiting.items()):
            if bid.at_ms > now_ms - LOST_AFTER_MS:
                break
            del self._waiting[bid_id], self._followed[bid_id]
            self._new.met.append(Met(bid.exchange, bid.price_micros, None))
        while self._unclicked and self._unclicked[0].at_ms < now_ms - CLICKED_WITHIN_MS:
            self._unclicked.popleft().bid = None
        self._forget(now_ms - KEPT_MS, MOST_KEPT)
