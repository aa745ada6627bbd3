"""A sample of the bids on their way to an outcome."""

from bidder.processes.appraisal import Aftermath, Met, Shown
from bidder.processes.sampler import BIDS_A_SECOND, CLICKED_WITHIN_MS, LOST_AFTER_MS, Sampler
from tests.events.build import FACTS
from tests.processes.test_arms import NOW_MS, bid, billed, clicked, shown

NOTHING = Aftermath([], [], {}, [])


def test_a_bid_that_is_paid_for_met_the_market_and_was_shown() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1), billed(1), clicked(1)])
    seen = Shown("plain", "cpc", FACTS)
    assert sampler.collect(NOW_MS) == Aftermath([Met("plain", 900, 700)], [seen], {"cpc": 1}, [seen])
    assert sampler.collect(NOW_MS) == NOTHING


def test_the_pixel_may_come_first_and_all_may_come_before_the_record_of_the_bid() -> None:
    sampler = Sampler()
    sampler.take_in([clicked(1), shown(1), billed(1), bid(1), shown(1), billed(1)])
    found = sampler.collect(NOW_MS)
    assert (len(found.met), len(found.shown), found.hits) == (1, 1, {"cpc": 1})


def test_a_bid_that_is_not_paid_for_in_time_is_lost() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1)])
    assert sampler.collect(NOW_MS + LOST_AFTER_MS - 1) == NOTHING
    assert sampler.collect(NOW_MS + LOST_AFTER_MS) == Aftermath([Met("plain", 900, None)], [], {}, [])
    sampler.take_in([billed(1)])
    assert sampler.collect(NOW_MS + LOST_AFTER_MS) == NOTHING


def test_clicks_are_told_once_whatever_the_bid_was_made_for_and_are_the_outcome_of_those_for_clicks_alone() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1, goal="cpa"), billed(1), clicked(1), clicked(1)])
    found = sampler.collect(NOW_MS)
    assert (found.clicked, found.hits) == ([Shown("plain", "cpa", FACTS)], {})
    sampler.take_in([clicked(1)])
    assert sampler.collect(NOW_MS) == NOTHING


def test_a_click_long_after_its_bid_counts_though_its_facts_are_kept_no_longer() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1), billed(1)])
    sampler.collect(NOW_MS + CLICKED_WITHIN_MS + 1)
    sampler.take_in([clicked(1)])
    found = sampler.collect(NOW_MS + CLICKED_WITHIN_MS + 1)
    assert (found.clicked, found.hits) == ([], {"cpc": 1})


def test_impressions_that_no_model_scored_are_in_the_sample_as_they_are_in_training() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1, model="", goal="cpm"), billed(1)])
    assert [each.goal for each in sampler.collect(NOW_MS).shown] == ["cpm"]


def test_the_first_bids_of_each_second_are_the_sample() -> None:
    sampler = Sampler()
    sampler.take_in(bid(number) for number in range(100))
    sampler.take_in(bid(number, at_ms=NOW_MS + 1000) for number in range(100, 103))
    assert len(sampler.collect(NOW_MS + 10 * LOST_AFTER_MS).met) == BIDS_A_SECOND + 3
