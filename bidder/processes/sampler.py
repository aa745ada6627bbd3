"""A sample of the bids, followed from the bid to its outcome, for whoever judges models by them. Pure."""

from collections import Counter
from collections.abc import Collection

from msgspec import Struct

from bidder.events.schema import Bid, Notice
from bidder.processes.appraisal import Aftermath, Met, Shown
from bidder.processes.follower import Follower

BIDS_A_SECOND = 10
"""The first ones of each second; bounds what is kept and what is told."""

LOST_AFTER_MS = 120_000
"""A bid that was not paid for by then counts as lost."""

KEPT_MS = 2 * 3_600_000


class Kept(Struct, gc=False):
    """A bid of the sample."""

    at_ms: int
    goal: str
    bid: Bid | None
    """Until it was shown or counts as lost: facts are large."""
    hit: bool = False


class Sampler(Follower):
    """Collects until it is asked what came together."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[int, Kept] = {}
        self._waiting: dict[int, None] = {}
        """Bids not yet paid for or lost, the oldest first."""
        self._second = 0
        self._taken = 0
        self._new = Aftermath([], [], {})
        self._hits: Counter[str] = Counter()

    def collect(self, now_ms: int) -> Aftermath:
        """What came together since the last call."""
        self._give_up(now_ms)
        found = Aftermath(self._new.met, self._new.shown, dict(self._hits))
        self._new, self._hits = Aftermath([], [], {}), Counter()
        return found

    def _bid(self, bid: Bid) -> None:
        second = bid.at_ms // 1000
        if second != self._second:
            self._second, self._taken = second, 0
        if bid.test or not bid.model or self._taken >= BIDS_A_SECOND:
            return
        self._taken += 1
        self._kept[bid.bid_id] = Kept(bid.at_ms, bid.goal, bid)
        self._waiting[bid.bid_id] = None

    def _follows(self, bid_id: int) -> bool:
        return bid_id in self._kept

    def _paid(self, notice: Notice) -> None:
        kept = self._kept[notice.bid_id]
        if notice.bid_id not in self._waiting or kept.bid is None:
            return
        del self._waiting[notice.bid_id]
        self._new.met.append(Met(kept.bid.exchange, kept.bid.price_micros, notice.price_micros))
        self._shown(notice.bid_id)

    def _shown(self, bid_id: int) -> None:
        kept = self._kept[bid_id]
        if kept.bid is None or bid_id in self._waiting:
            return  # the pixel often comes before the price; what is paid for was shown
        self._new.shown.append(Shown(kept.bid.exchange, kept.goal, kept.bid.facts))
        kept.bid = None

    def _hit(self, bid_id: int, goals: Collection[str]) -> None:
        kept = self._kept[bid_id]
        if not kept.hit and kept.goal in goals:
            kept.hit = True
            self._hits[kept.goal] += 1

    def _give_up(self, now_ms: int) -> None:
        for bid_id in list(self._waiting):
            kept = self._kept[bid_id]
            if kept.at_ms > now_ms - LOST_AFTER_MS:
                break
            del self._waiting[bid_id], self._kept[bid_id]
            if kept.bid is not None:
                self._new.met.append(Met(kept.bid.exchange, kept.bid.price_micros, None))
        for bid_id in list(self._kept):
            if self._kept[bid_id].at_ms > now_ms - KEPT_MS:
                break
            del self._kept[bid_id]
