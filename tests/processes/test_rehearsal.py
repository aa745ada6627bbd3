"""What another predictor would have bid, and what that is worth in money."""

from decimal import Decimal
from typing import Any

import pytest

from bidder.auction.choice import Always
from bidder.auction.score import Estimate, FixedPredictor, ModelPredictor
from bidder.config.schema import Campaign, Goal, Prediction
from bidder.engine import Engine
from bidder.processes.appraisal import Met, Regret
from bidder.processes.market import Curve
from bidder.processes.rehearsal import Pair, Play
from tests.auction.builders import NAME, NOW, campaign, engine, request
from tests.auction.test_score import ByCampaign

PRICES = (500, 1000, 2000, 4000)


def clicks(id_: str) -> Campaign:
    return campaign(id=id_, goal=Goal(type="cpc", amount=Decimal(1)), max_cpm=Decimal(1000))


def play(said: dict[str, float]) -> Play:
    """A predictor that says so of the campaigns `c0`, `c1`, on an engine of its own."""
    predictor = ModelPredictor({"cpc": Estimate(ByCampaign(list(said.values()), 0.5))}, FixedPredictor(Prediction()))
    made = engine(*map(clicks, said), predictor=predictor)
    return Play(predictor, Engine(made.snapshot, made.purse, Always(predictor)))


def market(*, won: bool = True, paid_share: float = 0.5) -> Curve:
    """Bids at all prices, all won or none, paying a share of the price."""
    curve = Curve()
    for price in PRICES * 500:
        curve.learn(Met(NAME, price, int(price * paid_share) if won else None))
    return curve


def regret(champion: dict[str, float], other: dict[str, float], curve: Curve, **changes: Any) -> Regret:
    pair = Pair(play(champion), play(other))
    for _ in range(10):
        pair.compare(request(**changes), NAME, NOW, curve)
    return pair.totals.regret()


def test_a_predictor_that_says_the_same_has_nothing_to_regret() -> None:
    same = {"c0": 0.002, "c1": 0.001}
    found = regret(same, same, market())
    assert (found.requests, found.different, found.bids, found.wins, found.spend) == (10, 0, 0, 0, 0)
    assert (found.if_other_is_right, found.if_champion_is_right) == (0, 0)


def test_another_campaign_is_worth_the_difference_by_whoever_is_right() -> None:
    found = regret({"c0": 0.002, "c1": 0.001}, {"c0": 0.001, "c1": 0.002}, market())
    assert found.different == 1.0
    assert found.spend == pytest.approx(0)
    # Both bid 0.002 and pay half; by its own lights each wins a value of 0.002 where the other wins 0.001.
    assert found.if_other_is_right == pytest.approx(1.0, rel=0.01)
    assert found.if_champion_is_right == pytest.approx(1.0, rel=0.01)


def test_what_bids_half_as_much_spends_half_as_much_where_all_is_won() -> None:
    found = regret({"c0": 0.002}, {"c0": 0.001}, market())
    assert (found.different, found.bids) == (1.0, 0)
    assert found.wins == pytest.approx(0)
    assert found.spend == pytest.approx(-0.5, rel=0.01)


def test_nothing_is_regretted_where_nothing_is_won() -> None:
    found = regret({"c0": 0.002}, {"c0": 0.001}, market(won=False))
    assert abs(found.if_other_is_right) < 0.01


def test_bids_that_only_one_of_them_makes_count() -> None:
    imps = [{"id": "1", "banner": {"format": [{"w": 300, "h": 250}]}, "bidfloor": 1.5}]
    found = regret({"c0": 0.002}, {"c0": 0.001}, market(), imp=imps)
    assert (found.bids, found.different) == (-1000, 1.0)


def test_the_win_rate_near_a_price_goes_by_bids_near_it_and_far_from_any_by_all() -> None:
    curve = Curve()
    for _ in range(500):
        curve.learn(Met(NAME, 500, None))
        curve.learn(Met(NAME, 4000, 3000))
    assert curve.win_rate(500) < 0.02
    assert curve.win_rate(4000) > 0.98
    assert curve.win_rate(100_000_000) == pytest.approx(0.5)
    assert curve.paid_share == 0.75
