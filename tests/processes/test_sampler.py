"""A sample of the bids on their way to an outcome."""

from bidder.processes.appraisal import Aftermath, Met, Shown
from bidder.processes.sampler import BIDS_A_SECOND, LOST_AFTER_MS, Sampler
from tests.events.build import FACTS
from tests.processes.test_arms import NOW_MS, bid, billed, clicked, shown

NOTHING = Aftermath([], [], {})


def test_a_bid_that_is_paid_for_met_the_market_and_was_shown() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1), billed(1), clicked(1)])
    assert sampler.collect(NOW_MS) == Aftermath([Met("plain", 900, 700)], [Shown("plain", "cpc", FACTS)], {"cpc": 1})
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
    assert sampler.collect(NOW_MS + LOST_AFTER_MS) == Aftermath([Met("plain", 900, None)], [], {})
    sampler.take_in([billed(1)])
    assert sampler.collect(NOW_MS + LOST_AFTER_MS) == NOTHING


def test_impressions_that_no_model_scored_are_in_the_sample_as_they_are_in_training() -> None:
    sampler = Sampler()
    sampler.take_in([bid(1, model="", goal="cpm"), billed(1)])
    assert [each.goal for each in sampler.collect(NOW_MS).shown] == ["cpm"]


def test_the_first_bids_of_each_second_are_the_sample() -> None:
    sampler = Sampler()
    sampler.take_in(bid(number) for number in range(100))
    sampler.take_in(bid(number, at_ms=NOW_MS + 1000) for number in range(100, 103))
    assert len(sampler.collect(NOW_MS + 10 * LOST_AFTER_MS).met) == BIDS_A_SECOND + 3
