"""Requests played again with other predictors: what would have been bid, and what that is worth."""

from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct

from bidder.auction.choice import Always
from bidder.auction.decision import Bid
from bidder.auction.score import Predictor
from bidder.auction.snapshot import Snapshot
from bidder.domain.money import MICROS
from bidder.engine import Engine
from bidder.processes.appraisal import Regret
from bidder.processes.market import Curve
from bidder.processes.paced_purse import PacedPurse
from openrtb.request import BidRequest

PPB = 1_000_000_000
SAME_PRICE = 0.01
"""Prices that differ by no more than this share are the same."""


class Play(NamedTuple):
    """One predictor on the stage."""

    predictor: Predictor
    engine: Engine

    def bids(self, request: BidRequest, exchange: str, at_s: float) -> Mapping[tuple[str, int], Bid]:
        """What it would bid, by imp and place: a dynamic pod has several, the dearest first."""
        imps = groupby(self.engine.bid(request, exchange, at_s, at_s).bids, key=lambda bid: bid.imp.id)
        return {(imp, place): bid for imp, bids in imps for place, bid in enumerate(bids)}

    def value_micros(self, bid: Bid) -> float:
        """What an impression is worth by this predictor."""
        candidate = bid.offer.candidate
        if candidate.line.goal == "cpm":
            return float(candidate.line.amount_micros)
        (probability,) = self.predictor.probabilities(bid.facts, [candidate])
        return candidate.line.amount_micros * probability / PPB


def play(snapshot: Snapshot, purse: PacedPurse, predictor: Predictor) -> Play:
    """A predictor with an engine of its own over the shared snapshot, which evaluates nothing in full."""
    return Play(predictor, Engine(snapshot, purse, Always(predictor)))


class Totals(Struct):
    """Sums over the requests that were played."""

    requests: int = 0
    different: int = 0
    bids: int = 0
    wins: float = 0.0
    spend: float = 0.0
    if_other_is_right: float = 0.0
    if_champion_is_right: float = 0.0

    def regret(self) -> Regret:
        """Per thousand requests."""
        thousands = max(self.requests, 1) / 1000
        return Regret(
            requests=self.requests,
            different=self.different / max(self.requests, 1),
            bids=self.bids / thousands,
            wins=self.wins / thousands,
            spend=self.spend / thousands / MICROS,
            if_other_is_right=self.if_other_is_right / thousands / MICROS,
            if_champion_is_right=self.if_champion_is_right / thousands / MICROS,
        )


class Pair:
    """A champion and another predictor, compared request by request."""

    def __init__(self, champion: Play, other: Play) -> None:
        self.totals = Totals()
        self._champion, self._other = champion, other

    def compare(self, request: BidRequest, exchange: str, at_s: float, curve: Curve) -> None:
        """Play one request with both."""
        champion = self._champion.bids(request, exchange, at_s)
        other = self._other.bids(request, exchange, at_s)
        totals = self.totals
        totals.requests += 1
        totals.bids += len(other) - len(champion)
        totals.different += any(not _same(champion.get(key), other.get(key)) for key in champion.keys() | other.keys())
        for sign, bids in ((1, other), (-1, champion)):
            for bid in bids.values():
                price = bid.offer.price_micros
                wins = sign * curve.win_rate(price)
                pays = price * curve.paid_share
                totals.wins += wins
                totals.spend += wins * pays
                totals.if_other_is_right += wins * (self._other.value_micros(bid) - pays)
                totals.if_champion_is_right -= wins * (self._champion.value_micros(bid) - pays)


def _same(one: Bid | None, other: Bid | None) -> bool:
    if one is None or other is None:
        return one is other
    prices = one.offer.price_micros, other.offer.price_micros
    alike = max(prices) - min(prices) <= SAME_PRICE * max(prices)
    return one.offer.candidate.line.id == other.offer.candidate.line.id and alike
