"""From records and notices to what a step of pacing is told."""

from typing import Any

import pytest
from msgspec.structs import replace

from bidder.domain.reason import Reason
from bidder.events.schema import Bid, Funnel, Generation, Notice, pack_reasons
from bidder.pacing.memory import Seen, Terms
from bidder.pacing.outcomes import PPB, bin_of
from bidder.processes.pacer_records import PacerRecords
from tests.processes.test_treasury import NOON_S
from tests.processes.test_treasury import bid as recorded_bid

NOW_MS = int(NOON_S * 1000)


def records(**keeps: float) -> PacerRecords:
    made = PacerRecords()
    made.follow(keeps or {"a": 1.0})
    return made


def bid(bid_id: int = 1, price_micros: int = 1_000, **changes: Any) -> Bid:
    """A bid of a half of a value of 2,000 micros."""
    made = recorded_bid("a", price_micros, bid_id=bid_id)
    return replace(made, **({"value_micros": 2_000, "multiplier": 0.5} | changes))


def notice(kind: Any, bid_id: int = 1, price_micros: int | None = None, outcome: str = "counted") -> Notice:
    return Notice(
        at_ms=NOW_MS + 2_000, kind=kind, bid_id=bid_id, campaign="a", outcome=outcome, price_micros=price_micros
    )


def funnel(rate: float, *reasons: Reason, **changes: Any) -> Funnel:
    event = Funnel(
        at_ms=NOW_MS,
        request_id="r",
        exchange="adx",
        config="x",
        rate=rate,
        campaigns=len(reasons),
        counts={},
        terminal=pack_reasons(reasons),
    )
    return replace(event, **changes)


def generation(*campaigns: str) -> Generation:
    return Generation(at_ms=NOW_MS, generation=1, config="x", campaigns=list(campaigns))


def taken(made: PacerRecords, requests: int = 0) -> Seen:
    return made.take("a", requests, Terms(PPB, PPB // 2), 2_000)


def test_a_bid_that_won_tells_its_value_price_and_wait() -> None:
    made = records()
    made.record(bid())
    made.notice(notice("billing", price_micros=600))
    seen = taken(made, requests=7)
    assert (seen.requests, seen.opportunities, seen.first_price) == (7, 1, 1)
    assert (seen.outcomes.made, seen.outcomes.wins, seen.outcomes.paid_micros) == (1, 1, 600)
    assert seen.outcomes.won == {bin_of(0.3): 2_000}
    assert seen.outcomes.resolved == {PPB // 2: 1}
    assert seen.outcomes.waited == 2 * 1_000
    assert taken(made) == Seen()


@pytest.mark.parametrize("how", ["loss", "expiry"])
def test_a_bid_that_lost_or_expired_is_resolved_without_a_win(how: str) -> None:
    made = records()
    made.record(bid())
    if how == "loss":
        made.notice(notice("loss"))
    else:
        made.expire(NOON_S + 61)
    outcomes = taken(made).outcomes
    assert (outcomes.wins, outcomes.resolved) == (0, {PPB // 2: 1})
    made.notice(notice("billing", price_micros=600))
    assert taken(made).outcomes.wins == 0


def test_an_outcome_that_comes_before_the_record_of_its_bid_waits_for_it() -> None:
    made = records()
    made.notice(notice("billing", price_micros=600, outcome="unrecorded"))
    assert taken(made).outcomes.wins == 0
    made.record(bid())
    assert taken(made).outcomes.wins == 1


@pytest.mark.parametrize("outcome", ["repeated", "late", "stale", "negative"])
def test_notices_that_do_not_count_tell_nothing(outcome: str) -> None:
    made = records()
    made.record(bid())
    made.notice(notice("billing", price_micros=600, outcome=outcome))
    assert taken(made).outcomes.wins == 0


def test_tests_and_campaigns_that_are_not_paced_tell_nothing() -> None:
    made = records()
    assert made.record(bid(test=True)) is None
    assert made.record(replace(bid(), campaign="other")) is None
    assert made.record(bid()) == "a"
    assert taken(made).opportunities == 1


def test_the_value_is_what_is_left_of_the_margin() -> None:
    made = records(a=0.9)
    made.record(bid(price_micros=900))
    assert taken(made).outcomes.value_micros == 1_800


@pytest.mark.parametrize(
    ("price", "multiplier_ppb"),
    [(1_000, PPB // 2), (999, PPB // 2), (400, PPB // 5), (3_000, PPB)],
)
def test_a_price_that_a_limit_or_a_deal_has_set_counts_as_the_multiplier_that_it_comes_to(
    price: int, multiplier_ppb: int
) -> None:
    made = records()
    made.record(bid(price_micros=price))
    made.notice(notice("loss"))
    assert taken(made).outcomes.resolved == {multiplier_ppb: 1}


def test_requests_evaluated_in_full_stand_for_all_that_the_campaign_did_not_bid_on() -> None:
    made = records()
    made.record(generation("b", "a"))
    made.record(bid())
    for reason in (Reason.THROTTLED, Reason.NO_BUDGET, Reason.OUTBID, Reason.BID, Reason.COUNTRY):
        made.record(funnel(0.01, Reason.THROTTLED, reason))
    seen = taken(made)
    assert seen.opportunities == 1 + 300
    assert (seen.outcomes.made, seen.outcomes.resolved) == (1 + 100, {PPB // 2: 100})
    assert seen.outcomes.value_micros == 2_000 * 101


def test_samples_of_an_unknown_or_another_configuration_are_left_out() -> None:
    made = records()
    made.record(funnel(0.01, Reason.OUTBID))
    made.record(generation("a"))
    made.record(funnel(0.01, Reason.OUTBID, config="y"))
    made.record(funnel(0.01, Reason.OUTBID, Reason.OUTBID))
    made.record(funnel(0.01, Reason.OUTBID, test=True))
    assert not made.active
    made.record(funnel(0.01, Reason.OUTBID))
    assert made.active == {"a"}


def test_without_samples_what_the_throttle_holds_back_is_guessed_from_what_it_lets_through() -> None:
    made = PacerRecords()
    made.follow({"a": 1.0}, samples=False)
    made.record(bid())
    assert made.take("a", 0, Terms(PPB // 10, PPB), 2_000).opportunities == 10
