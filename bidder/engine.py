"""The hot path: one request in, one decision out. Synchronous, without I/O, clock or chance.

    screen -> privacy -> match -> describe -> score -> price -> pace -> choose

`Engine.bid` reads from top to bottom; each step is a module of `bidder.auction`. Time comes in as an argument and lots
are drawn by hash, so that a replay gives the same bytes.
"""

from collections.abc import Sequence

from bidder.auction.choice import Choice
from bidder.auction.contest import Contest
from bidder.auction.decision import Bid, Decision
from bidder.auction.offer import Offer
from bidder.auction.pace import Purse, draw
from bidder.auction.pod import offers_of
from bidder.auction.round import Round
from bidder.auction.screen import deadline_s, screen
from bidder.auction.snapshot import Snapshot
from bidder.auction.trace import Funnel, exhaust
from bidder.auction.view import View
from bidder.domain.reason import Reason
from bidder.privacy.verdict import judge
from openrtb.request import BidRequest

PPB = 1_000_000_000
_SPREAD = 2_246_822_519  # a prime other than the throttle's, so that sampling and pacing draw apart


class Engine:
    """The live configuration, the worker's purse and the live predictors, and what they decide together."""

    def __init__(self, snapshot: Snapshot, purse: Purse, predictors: Choice) -> None:
        self.snapshot = snapshot
        self.purse = purse
        self.predictors = predictors
        self._full_ppb = int(snapshot.settings.recording.full_evaluation_rate * PPB)

    def bid(self, request: BidRequest, name: str, arrived_s: float, now_s: float) -> Decision:
        """Decide on one request from the exchange called `name`. Spends nothing: that is `commit`."""
        snapshot = self.snapshot
        personal = judge(request, snapshot.settings.privacy.tcf_vendor).personal
        view = View(request, name, now_s, personal=personal)
        view.providers = snapshot.providers
        funnel = Funnel(snapshot) if self._is_sampled(view.lot) else None
        market = screen(snapshot, name, request)
        if isinstance(market, Reason):
            return _refused(market, funnel)
        deadline = deadline_s(market.exchange, request, arrived_s)
        if now_s >= deadline:
            return _refused(Reason.TOO_LATE, funnel)
        predictor = self.predictors.of(request, deadline - now_s, personal=personal)
        auction = Round(snapshot, market, view, self.purse, predictor)
        bids, reason = self._contests(auction, funnel)
        if len(bids) > 1 and market.exchange.one_imp:
            bids = _only_best(bids, funnel)
        return Decision(Reason.BID if bids else reason, bids, auction, deadline, funnel)

    def _contests(self, auction: Round, funnel: Funnel | None) -> tuple[list[Bid], Reason]:
        bids: list[Bid] = []
        furthest = Reason.NO_IMP
        contested = False
        seen: set[str] = set()
        for imp in auction.request.imp:
            if not imp.id or imp.id in seen:
                furthest = max(furthest, Reason.INVALID_REQUEST)
                continue
            seen.add(imp.id)
            contested = True
            contest = Contest(auction, imp)
            offers = offers_of(contest)
            if funnel is not None:
                found, ends = exhaust(contest, auction.view.now)
                funnel.merge(ends, agreed=_same(offers, found))
            if not offers:
                furthest = max(furthest, contest.reason)
            for offer in offers:
                auction.take(offer)
                bids.append(Bid(imp, offer, contest.facts))
        if funnel is not None and not contested:
            funnel.all_end(furthest)
        return bids, furthest

    def commit(self, decision: Decision) -> None:
        """Count the bids of a decision against the purse, once it is certain that they will be sent."""
        auction = decision.round
        if auction is None or auction.test:
            return
        for bid in decision.bids:
            self.purse.spend(bid.offer.candidate.line.slot, bid.offer.price_micros)

    def evaluates_in_full(self, request: BidRequest) -> bool:
        """Whether this request is one of the sample on which every line's reason is counted."""
        return self._is_sampled(draw(request.id))

    def _is_sampled(self, lot: int) -> bool:
        return (lot * _SPREAD & 0xFFFFFFFF) * PPB >> 32 < self._full_ppb


def _refused(reason: Reason, funnel: Funnel | None) -> Decision:
    return Decision(reason, funnel=funnel.all_end(reason) if funnel is not None else None)


def _same(early: Sequence[Offer], exhaustive: Sequence[Offer]) -> bool:
    """Whether stopping early found what looking at everything finds."""
    return [(each.candidate.line, each.price_micros) for each in early] == [
        (each.candidate.line, each.price_micros) for each in exhaustive
    ]


def _only_best(bids: list[Bid], funnel: Funnel | None) -> list[Bid]:
    best = max(bids, key=lambda bid: bid.offer.price_micros)
    if funnel is not None:
        funnel.withdraw([bid.offer for bid in bids], [best.offer], Reason.OUTBID)
    return [best]
