"""What became of the bids of each model."""

from typing import Any

import pytest

from bidder.domain.outcome import Outcome
from bidder.events.schema import Bid, Click, Conversion, Event, Impression, Notice
from bidder.processes.arms import REMEMBERED_MS, Arm, Arms
from tests.events import build

NOW_MS = 1_800_000_000_000


def bid(number: int, model: str = "ctr:1", **changes: Any) -> Bid:
    given = {"bid_id": number, "model": model, "at_ms": NOW_MS, "goal": "cpc", "probability": 0.25, "price_micros": 900}
    return build.a_bid(**{**given, **changes})


def billed(number: int, price_micros: int = 700, **changes: Any) -> Notice:
    given = {"kind": "billing", "at_ms": NOW_MS, "bid_id": number, "outcome": "counted", "price_micros": price_micros}
    return Notice(**{**given, **changes})


def shown(number: int) -> Impression:
    return Impression(at_ms=NOW_MS, bid_id=number, outcome="counted")


def clicked(number: int, outcome: str = "counted") -> Click:
    return Click(at_ms=NOW_MS, bid_id=number, outcome=outcome)


def arms_of(*events: Event) -> dict[str, Arm]:
    arms = Arms()
    arms.take_in(events)
    return arms.arms


def test_bids_wins_spend_and_outcomes_count_where_their_model_is() -> None:
    found = arms_of(bid(1), bid(2), bid(3, "ctr:2"), billed(1), billed(3, 500), shown(1), shown(3), clicked(3))
    assert found["ctr:1"] == Arm(2, 1800, 1, 700, 490_000, 1, 0.25, 0)
    assert found["ctr:2"] == Arm(1, 900, 1, 500, 250_000, 1, 0.25, 1)
    assert found["ctr:2"].calibration == 4.0


def test_everything_counts_once_and_what_was_not_counted_there_does_not_count_here() -> None:
    again = [billed(1), billed(1), shown(1), shown(1), clicked(1), clicked(1)]
    refused = [billed(1, outcome="forged"), clicked(1, "repeated")]
    assert arms_of(bid(1), *again, *refused) == arms_of(bid(1), billed(1), clicked(1))


@pytest.mark.parametrize("outcome", [each for each in Outcome if each.counts])
def test_whatever_was_booked_counts_also_what_came_before_the_record_of_its_bid(outcome: Outcome) -> None:
    found = arms_of(billed(1, outcome=outcome.value), bid(1), clicked(1, outcome.value))["ctr:1"]
    assert (found.wins, found.shown, found.outcomes) == (1, 1, 1)


def test_an_impression_that_is_paid_for_is_shown_though_its_pixel_was_never_fetched() -> None:
    assert arms_of(bid(1), billed(1))["ctr:1"].shown == 1


def test_an_outcome_is_of_the_goal_that_the_model_predicted() -> None:
    conversion = Conversion(at_ms=NOW_MS, bid_id=1, outcome="counted")
    assert arms_of(bid(1), shown(1), conversion)["ctr:1"].outcomes == 0
    assert arms_of(bid(1, goal="cpa"), shown(1), clicked(1))["ctr:1"].outcomes == 0
    assert arms_of(bid(1, goal="cpa"), shown(1), conversion)["ctr:1"].outcomes == 1


def test_what_is_heard_of_a_bid_before_its_record_counts_when_the_record_comes() -> None:
    assert arms_of(billed(1), clicked(1), bid(1)) == arms_of(bid(1), billed(1), clicked(1))


def test_tests_and_bids_that_no_model_scored_are_left_out() -> None:
    assert arms_of(bid(1, test=True), bid(2, ""), billed(1), billed(2)) == {}


def test_bids_are_forgotten_when_they_are_old() -> None:
    found = arms_of(bid(1), bid(2, at_ms=NOW_MS + REMEMBERED_MS + 1), billed(1), billed(2))
    assert found["ctr:1"].wins == 1


def test_arms_that_begin_anew_hold_nothing_of_earlier_bids() -> None:
    arms = Arms()
    arms.take_in([bid(1), billed(1)])
    arms.restart(NOW_MS + 1)
    arms.take_in([clicked(1), bid(2), bid(3, at_ms=NOW_MS + 1)])
    assert arms.arms == {"ctr:1": Arm(bids=1, bid_micros=900)}
