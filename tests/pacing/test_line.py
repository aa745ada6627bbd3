"""A campaign live over days: started at noon, edited, paused, restarted, and without a jump in what it spends."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec
import pytest

from bidder.config.schema import Budget, Campaign, Flight, Goal, Pacing
from bidder.pacing.line import PacedLine, exchanges_of, worth_micros
from bidder.pacing.memory import Memory, Money, Seen
from bidder.pacing.outcomes import PPB, Bid, Tally
from tests.pacing.paced import MICROS, at, campaign

VALUE, CLEARING = 3_000, 1_000
A_MINUTE = 120
"""Opportunities; so many that the budget of a day buys a good half of them."""


class Live:
    """A campaign in a market where every auction clears at a third of the value, minute by minute."""

    def __init__(self, acts: Campaign, memory: Memory | None = None) -> None:
        self.line = PacedLine(acts, VALUE, memory)
        self.spent = self.today = self.this_hour = self.hour_s = 0
        self.tally = Tally()
        self.came = 0
        self.day = -1

    def run(self, from_s: float, until_s: float) -> Iterator[float]:
        """Step and bid from one moment to another; the micros spent, minute by minute."""
        for at_s in range(int(from_s), int(until_s), 60):
            yield self.minute(float(at_s))

    def minute(self, at_s: float) -> int:
        day = int(at_s + 3600) // 86_400  # Berlin in winter
        self.today, self.day = (self.today if day == self.day else 0), day
        seen = Seen(self.came * 2, self.came, self.tally.take())
        hour_s = int(at_s) // 3600 * 3600
        self.this_hour, self.hour_s = (self.this_hour if hour_s == self.hour_s else 0), hour_s
        money = Money(self.spent, self.today, 0, self.this_hour, hour_s)
        terms = self.line.step(at_s, money, seen, lambda _: A_MINUTE * 2 / 60)
        self.came = A_MINUTE if self.line.view is not None and self.line.view.active else 0
        bids = self.came * terms.throttle_ppb // PPB
        paid = bids * CLEARING if terms.multiplier_ppb * VALUE // PPB >= CLEARING else 0
        for _ in range(bids):
            bid = Bid(terms.multiplier_ppb, VALUE, VALUE * terms.multiplier_ppb // PPB)
            self.tally.made(bid)
            if paid:
                self.tally.won(bid, CLEARING)
            else:
                self.tally.lost(bid)
        self.spent += paid
        self.today += paid
        self.this_hour += paid
        return paid


def spent(live: Live, from_s: float, until_s: float) -> float:
    """In units of the currency."""
    return sum(live.run(from_s, until_s)) / MICROS


def test_a_day_that_begins_at_noon_spends_its_budget_evenly_over_the_rest() -> None:
    live = Live(campaign(budget=Budget(daily=Decimal(60))))
    first, second = spent(live, at(10, 12), at(10, 18)), spent(live, at(10, 18), at(11))
    assert first == pytest.approx(30, abs=3)
    assert first + second == pytest.approx(60, abs=1)


@pytest.mark.parametrize("mode", ["even", "front", "traffic"])
def test_a_day_that_begins_at_noon_is_planned_from_noon_on(mode: Literal["even", "front", "traffic"]) -> None:
    live = Live(campaign(budget=Budget(daily=Decimal(60)), pacing=Pacing(mode=mode)))
    spent(live, at(10, 12), at(10, 12, 10))
    view = live.line.view
    assert view is not None
    assert 0 < view.planned_micros < 2 * MICROS
    assert abs(view.deviation) < 0.02


def test_the_least_of_a_day_that_begins_at_noon_is_spread_over_the_rest() -> None:
    budget = Budget(total=Decimal(80), minimum_daily=Decimal(60))
    live = Live(campaign(budget=budget))
    assert spent(live, at(10, 12), at(10, 13)) == pytest.approx(5, abs=1)
    assert spent(live, at(10, 13), at(11)) == pytest.approx(55, abs=1)


def test_an_hour_is_paced_within_its_limit_by_what_the_book_says_of_it() -> None:
    live = Live(campaign(budget=Budget(daily=Decimal(100), hourly=Decimal(3))))
    spent(live, at(10, 9), at(10, 12))
    halves = [spent(live, at(10, hour), at(10, hour) + 1800) for hour in range(12, 14)]
    assert spent(live, at(10, 14), at(10, 15)) == pytest.approx(3, abs=0.2)
    live.this_hour, live.hour_s = 3 * MICROS, int(at(10, 15))
    assert spent(live, at(10, 15), at(10, 16)) == 0
    assert halves[1] == pytest.approx(1.5, abs=0.3)


def test_the_next_day_has_its_own_budget_and_goes_on_from_what_was_learned() -> None:
    live = Live(campaign())
    spent(live, at(10), at(11))
    assert spent(live, at(11), at(11, 12)) == pytest.approx(50, abs=3)
    assert live.line.memory is not None
    assert live.line.memory.state.flight.forecast == pytest.approx(A_MINUTE * 24 * 60, rel=0.05)


def test_a_raised_budget_is_spread_over_the_rest_of_the_day_without_a_jump() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    live.line.edit(campaign(budget=Budget(daily=Decimal(140))))
    hourly = [spent(live, at(10, hour), at(10, hour) + 3600) for hour in range(12, 24)]
    assert sum(hourly) == pytest.approx(90, abs=4)
    assert max(hourly) < 1.35 * min(hourly)


def test_a_lowered_budget_slows_at_once_and_stops_nothing_that_is_left() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    live.line.edit(campaign(budget=Budget(daily=Decimal(70))))
    assert spent(live, at(10, 12), at(11)) == pytest.approx(20, abs=2)


def test_a_budget_below_what_is_spent_stops_it() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    live.line.edit(campaign(budget=Budget(daily=Decimal(20))))
    live.minute(at(10, 12))
    assert live.line.terms.throttle_ppb == 0


def test_after_a_pause_the_rest_is_spread_over_the_rest_of_the_day() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 6))
    live.line.edit(campaign(enabled=False))
    assert spent(live, at(10, 6), at(10, 12)) == 0
    live.line.edit(campaign())
    hourly = [spent(live, at(10, hour), at(10, hour) + 3600) for hour in range(12, 24)]
    assert sum(hourly) == pytest.approx(75, abs=4)
    assert max(hourly) < 1.35 * min(hourly)


def total(amount: int) -> Campaign:
    """So much for the whole flight, 10 to 13 March."""
    days = Flight(start=date(2026, 3, 10), end=date(2026, 3, 13), timezone="Europe/Berlin")
    return campaign(flight=days, budget=Budget(total=Decimal(amount)))


def test_a_total_raised_in_the_evening_is_spread_over_the_rest_of_the_flight_without_a_jump() -> None:
    live = Live(total(200))
    spent(live, at(10), at(10, 18))
    live.line.edit(total(400))
    evening = spent(live, at(10, 18), at(11)) / 6
    next_day = spent(live, at(11), at(12)) / 24
    assert evening == pytest.approx(next_day, rel=0.1)
    assert sum(spent(live, at(day), at(day + 1)) for day in (12, 13)) == pytest.approx(48 * next_day, rel=0.03)
    assert live.spent / MICROS == pytest.approx(400, abs=4)


def test_what_an_outage_leaves_of_a_total_is_spread_over_the_rest_of_the_flight() -> None:
    live = Live(total(200))
    spent(live, at(10), at(10, 6))
    evening = spent(live, at(10, 18), at(11)) / 6
    assert evening == pytest.approx(spent(live, at(11), at(12)) / 24, rel=0.1)


def test_a_restart_goes_on_where_it_was() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    terms = live.line.terms
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(live.line.memory), type=Memory)
    again = Live(campaign(), kept)
    again.spent, again.today, again.day = live.spent, live.today, live.day
    assert again.line.terms == terms
    hourly = [spent(again, at(10, hour), at(10, hour) + 3600) for hour in range(12, 24)]
    assert sum(hourly) == pytest.approx(50, abs=3)
    assert max(hourly) < 1.35 * min(hourly)


def test_a_restart_without_memory_only_costs_learning() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    again = Live(campaign())
    again.spent, again.today, again.day = live.spent, live.today, live.day
    assert spent(again, at(10, 12), at(11)) == pytest.approx(50, abs=4)


def test_another_kind_of_plan_takes_over_in_the_middle_of_the_day() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    live.line.edit(campaign(pacing=Pacing(mode="front")))
    assert spent(live, at(10, 12), at(11)) == pytest.approx(50, abs=4)


def test_an_edit_that_does_not_concern_pacing_changes_nothing() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 2))
    assert not live.line.edit(campaign(name="Another name"))
    assert live.line.edit(campaign(budget=Budget(daily=Decimal(101))))


def test_outside_its_flight_a_campaign_is_left_as_it_is() -> None:
    live = Live(campaign())
    assert spent(live, at(1) - 3600, at(1)) == 0
    assert live.line.memory is None


def test_people_see_the_plan_and_how_far_spend_is_from_it() -> None:
    live = Live(campaign())
    spent(live, at(10), at(10, 12))
    view = live.line.view
    assert view is not None
    assert view.planned_micros == pytest.approx(50 * MICROS, rel=0.01)
    assert view.deviation == pytest.approx((view.spent_micros - view.planned_micros) / (100 * MICROS))
    assert view.expected_opportunities == pytest.approx(A_MINUTE * 12 * 60, rel=0.1)


def test_a_campaign_counts_the_exchanges_that_it_runs_on() -> None:
    only = campaign(include=campaign().include.__class__(exchange=("a", "b")))
    assert exchanges_of(only, ["a", "b", "c"]) == {"a", "b"}
    without = campaign(exclude=campaign().exclude.__class__(exchange=("c",)))
    assert exchanges_of(without, ["a", "b", "c"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("goal", "worth"),
    [
        (Goal(type="cpm", amount=Decimal(3)), 2_700),
        (Goal(type="cpc", amount=Decimal("0.50")), 900),
        (Goal(type="cpa", amount=Decimal(10)), 900),
    ],
)
def test_before_its_first_bid_a_campaign_is_worth_what_its_goal_says(goal: Goal, worth: float) -> None:
    acts = campaign(goal=goal, margin=Decimal("0.1"))
    assert worth_micros(acts, {"click": 0.002, "conversion": 0.0001}) == pytest.approx(worth)
