"""Chance: rivals, clicks and mishaps follow from the seed, and from what they should follow from."""

from itertools import islice, product
from statistics import fmean, median

import pytest

from bidder.lab.exchange.clearing import PRICE_STEP
from bidder.lab.exchange.dice import Draw, dice, effect
from bidder.lab.exchange.fate import decide
from bidder.lab.exchange.market import RIVALS, Market
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.traffic import Opportunity, opportunities
from bidder.lab.exchange.truth import Truth
from openrtb import decode_request

SAMPLE = list(islice(opportunities(7), 1500))


def best_rival(market: Market, opportunity: Opportunity) -> int:
    rivals = market.rivals(opportunity, decode_request(opportunity.body).imp[0])
    return max((rival.cpm_micros for rival in rivals), default=0)


def test_the_same_decision_gives_the_same_numbers() -> None:
    assert dice(7, Draw.MARKET, 3, 1).random() == dice(7, Draw.MARKET, 3, 1).random()


def test_different_decisions_give_different_numbers() -> None:
    decisions = product((7, 8), (Draw.MARKET, Draw.PERSON), (3, 4), (0, 1))
    assert len({dice(*decision).random() for decision in decisions}) == 16


def test_effects_are_standard_normal_and_fixed() -> None:
    effects = [effect(7, "ad", str(number)) for number in range(2000)]
    assert effects == [effect(7, "ad", str(number)) for number in range(2000)]
    assert abs(fmean(effects)) < 0.1
    assert 0.9 < fmean(value * value for value in effects) < 1.1


def test_the_market_of_a_seed_is_fixed() -> None:
    market = Market(7, 0.7)
    assert [best_rival(market, each) for each in SAMPLE[:50]] == [best_rival(market, each) for each in SAMPLE[:50]]


@pytest.mark.parametrize(("competition", "expected"), [(0.0, 0), (1.0, RIVALS)])
def test_competition_is_the_share_of_rivals_that_bid(competition: float, expected: int) -> None:
    market = Market(7, competition)
    counts = {len(market.rivals(each, decode_request(each.body).imp[0])) for each in SAMPLE[:50]}
    assert counts == {expected}


def test_rival_prices_are_on_the_price_grid_and_follow_the_placement() -> None:
    market = Market(7, 1.0)
    assert all(best_rival(market, each) % PRICE_STEP == 0 for each in SAMPLE[:200])
    by_value = sorted(SAMPLE, key=lambda each: each.placements[0].median_cpm * each.person.place.wealth)
    cheap, dear = by_value[:300], by_value[-300:]
    assert median(best_rival(market, each) for each in dear) > 5 * median(best_rival(market, each) for each in cheap)


def test_clicks_depend_on_ad_placement_and_person() -> None:
    truth = Truth(7)
    one, other = SAMPLE[0], next(each for each in SAMPLE if each.person is not SAMPLE[0].person)
    base = truth.click_probability("a.example", one.placements[0], one.person)
    assert base == truth.click_probability("a.example", one.placements[0], one.person)
    assert base != truth.click_probability("b.example", one.placements[0], one.person)
    assert base != truth.click_probability("a.example", one.placements[0], other.person)
    assert base != Truth(8).click_probability("a.example", one.placements[0], one.person)


def test_probabilities_are_rare_but_possible() -> None:
    truth = Truth(7)
    clicks = [truth.click_probability("a.example", each.placements[0], each.person) for each in SAMPLE]
    sales = [truth.conversion_probability("a.example", each.placements[0], each.person) for each in SAMPLE]
    assert 0.001 < fmean(clicks) < 0.05
    assert 0.02 < fmean(sales) < 0.5
    assert all(0 < probability < 1 for probability in (*clicks, *sales))


def test_clicks_happen_as_often_as_the_truth_says() -> None:
    truth = Truth(7)
    expected = sum(truth.click_probability("a.example", each.placements[0], each.person) for each in SAMPLE)
    happened = sum(decide(truth, each, 0, "a.example").clicks for each in SAMPLE)
    assert abs(happened - expected) < 4 * expected**0.5


def test_a_fate_is_fixed_by_seed_and_bid() -> None:
    assert decide(Truth(7), SAMPLE[5], 0, "a.example") == decide(Truth(7), SAMPLE[5], 0, "a.example")


def test_every_kind_of_notice_is_sometimes_sent_twice_and_sometimes_late() -> None:
    fates = [decide(Truth(7), each, 0, "a.example") for each in SAMPLE]
    usual = set(Kind) - {Kind.AUDIT, Kind.CLICK_TRACKER}
    assert {kind for fate in fates for kind in fate.copied} == usual
    assert {kind for fate in fates for kind in fate.late} == usual
    assert sum(bool(fate.copied) for fate in fates) < len(fates) / 3


def test_most_but_not_all_ads_render() -> None:
    rendered = sum(decide(Truth(7), each, 0, "a.example").renders for each in SAMPLE)
    assert 0.9 < rendered / len(SAMPLE) < 0.98
