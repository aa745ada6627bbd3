"""The controller: a pure step, in range whatever it is told, that ends a flight with its budget spent."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.pacing.controller import Flight, Sample, State, begin, resume, step
from bidder.pacing.outcomes import PPB, Bid, Outcomes, Tally
from bidder.pacing.plan import Plan, at_once, even, hours

DAY_S = 86_400
STEP_S = 60
EVENLY = even(hours(0, DAY_S, UTC))
MORNING = even(hours(0, DAY_S, UTC), frozenset(range(3 * 24, 3 * 24 + 12)))  # 1970 began on a Thursday
VALUE = 10_000
BUDGET = 20_000_000
A_MINUTE = 20


def evenly_priced(rng: random.Random) -> int:
    return rng.randrange(1, VALUE)


def at_the_whole_value(rng: random.Random) -> int:
    return VALUE


def steadily(minute: int) -> int:
    return A_MINUTE


@dataclass
class Simulated:
    """A day of auctions of one value, a step a minute; bids are held until settled, and only free money is bid."""

    flight: Flight = field(default_factory=lambda: Flight(EVENLY, EVENLY, A_MINUTE * 1440.0))
    budget: int = BUDGET
    arrivals: Callable[[int], int] = steadily
    price: Callable[[random.Random], int] = evenly_priced
    delay_steps: int = 0

    def __post_init__(self) -> None:
        self.state: State = begin(self.flight, 0)
        self.rng = random.Random(11)
        self.spent = self.held = self.minute = 0
        self.by_minute: list[int] = []
        self.terms: list[tuple[int, int]] = []
        self.waiting: list[list[tuple[Bid, int]]] = [[] for _ in range(self.delay_steps + 1)]
        self.tally = Tally()
        self.opportunities = 0

    def run(self, until_minute: int = 1440) -> "Simulated":
        while self.minute < until_minute:
            self._settle(self.waiting.pop(0))
            sample = Sample(
                self.minute * STEP_S, self.budget, self.spent, self.held, self.opportunities, self.tally.take()
            )
            self.state, throttle, multiplier = step(self.state, sample)
            self.terms.append((throttle, multiplier))
            self.opportunities = self.arrivals(self.minute)
            made = [
                bid
                for _ in range(self.opportunities)
                if self.rng.random() * PPB < throttle and (bid := self._bid(multiplier)) is not None
            ]
            self.waiting.append([(bid, self.price(self.rng)) for bid in made])
            if not self.delay_steps:
                self._settle(self.waiting[0])
                self.waiting[0] = []
            self.by_minute.append(self.spent)
            self.minute += 1
            assert self.spent + self.held <= self.budget
        return self

    def finish(self) -> "Simulated":
        for bids in self.waiting:
            self._settle(bids)
        return self

    def _bid(self, multiplier: int) -> Bid | None:
        price = VALUE * multiplier // PPB
        if not 0 < price <= self.budget - self.spent - self.held:
            return None
        self.held += price
        bid = Bid(multiplier, VALUE, price)
        self.tally.made(bid)
        return bid

    def _settle(self, bids: list[tuple[Bid, int]]) -> None:
        for bid, clearing in bids:
            self.held -= bid.price_micros
            if bid.price_micros >= clearing:
                self.spent += clearing
                self.tally.won(bid, clearing, self.delay_steps * STEP_S)
            else:
                self.tally.lost(bid, self.delay_steps * STEP_S)


def _outcomes(multiplier: int, value: int, wins: list[bool]) -> Outcomes:
    tally = Tally()
    bid = Bid(multiplier, value, value * multiplier // PPB)
    for won in wins:
        tally.made(bid)
        if won:
            tally.won(bid, bid.price_micros // 2, 1.0)
        else:
            tally.lost(bid, 1.0)
    return tally.take()


samples = st.builds(
    Sample,
    at_s=st.floats(-1000, 2 * DAY_S),
    budget_micros=st.integers(0, 10**12),
    spent_micros=st.integers(0, 10**12),
    held_micros=st.integers(0, 10**12),
    opportunities=st.integers(0, 10**6),
    outcomes=st.just(Outcomes())
    | st.builds(
        _outcomes,
        st.integers(1, PPB),
        st.integers(1, 10**9),
        st.lists(st.booleans(), max_size=8),
    ),
)
plans = st.sampled_from([None, EVENLY, MORNING, at_once(0, DAY_S)])


@given(plans, st.none() | st.floats(0, 1e9), st.lists(samples, max_size=12))
def test_throttle_and_multiplier_are_in_range_whatever_the_samples(
    plan: Plan | None, forecast: float | None, told: list[Sample]
) -> None:
    state = begin(Flight(EVENLY, plan, forecast), 0)
    for sample in sorted(told, key=lambda sample: sample.at_s):
        state, throttle, multiplier = step(state, sample)
        assert isinstance(throttle, int)
        assert isinstance(multiplier, int)
        assert 0 <= throttle <= PPB
        assert 1 <= multiplier <= PPB
        if sample.free_micros <= 0 or not 0 <= sample.at_s < DAY_S:
            assert throttle == 0


@given(st.lists(samples, min_size=1, max_size=6))
def test_the_same_samples_give_the_same_terms_and_leave_earlier_states_as_they_were(told: list[Sample]) -> None:
    first = begin(Flight(EVENLY, EVENLY, 1000.0), 0)
    copy = msgspec.json.encode(first)

    def states() -> list[State]:
        reached = [first]
        for sample in sorted(told, key=lambda sample: sample.at_s):
            reached.append(step(reached[-1], sample)[0])
        return reached

    assert states() == states()
    assert msgspec.json.encode(first) == copy


def test_a_state_written_down_and_read_again_goes_on_as_if_nothing_had_been() -> None:
    simulated = Simulated().run(100)
    again = msgspec.json.decode(msgspec.json.encode(simulated.state), type=State)
    assert again == simulated.state


def test_a_budget_is_spent_evenly_and_to_the_end() -> None:
    simulated = Simulated().run()
    assert simulated.spent > 0.99 * BUDGET
    for hour in range(1, 24):
        assert simulated.by_minute[hour * 60] == pytest.approx(BUDGET * hour / 24, abs=0.02 * BUDGET)


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("plan", [EVENLY, None], ids=["even", "as traffic comes"])
def test_a_forecast_of_half_or_double_the_truth_is_recovered_from(factor: float, plan: Plan | None) -> None:
    simulated = Simulated(Flight(EVENLY, plan, factor * A_MINUTE * 1440)).run()
    assert simulated.spent > 0.97 * BUDGET
    assert simulated.by_minute[720] < 0.75 * BUDGET


def test_without_a_forecast_the_budget_is_spent_all_the_same() -> None:
    assert Simulated(Flight(EVENLY, None, None)).run().spent > 0.97 * BUDGET


def test_empty_hours_are_made_up_for_and_do_not_end_in_a_rush() -> None:
    simulated = Simulated(arrivals=lambda minute: 0 if 300 <= minute < 480 else A_MINUTE).run()
    assert simulated.spent > 0.98 * BUDGET
    an_hour_after = simulated.by_minute[540] - simulated.by_minute[480]
    assert an_hour_after < 4 * BUDGET / 24


def test_a_burst_of_traffic_does_not_take_the_budget_with_it() -> None:
    simulated = Simulated(arrivals=lambda minute: 30 * A_MINUTE if 600 <= minute < 620 else A_MINUTE).run()
    assert simulated.by_minute[620] < (620 / 1440 + 0.1) * BUDGET
    assert simulated.spent > 0.98 * BUDGET


@pytest.mark.parametrize(("delay_minutes", "part"), [(5, 0.98), (20, 0.96), (60, 0.92)])
def test_late_notices_never_overspend_and_leave_little_unspent(delay_minutes: int, part: float) -> None:
    simulated = Simulated(delay_steps=delay_minutes).run().finish()
    assert part * BUDGET < simulated.spent <= BUDGET


def test_a_fixed_price_is_paced_by_the_share_of_auctions() -> None:
    simulated = Simulated(price=at_the_whole_value).run()
    assert simulated.spent > 0.98 * BUDGET
    throttles, multipliers = zip(*simulated.terms[200:1400], strict=True)
    assert set(multipliers) == {PPB}
    assert max(throttles) < PPB // 2


def test_as_fast_as_possible_bids_the_whole_worth_on_everything() -> None:
    simulated = Simulated(Flight(EVENLY, at_once(0, DAY_S), None)).run(120)
    assert simulated.terms[-1] == (PPB, PPB)


def test_outside_of_its_hours_a_campaign_gets_nothing_and_before_them_it_saves() -> None:
    simulated = Simulated(Flight(MORNING, MORNING, A_MINUTE * 720.0)).run(720)
    assert simulated.spent > 0.97 * BUDGET
    assert simulated.by_minute[360] == pytest.approx(BUDGET / 2, rel=0.05)


def test_a_campaign_that_starts_at_noon_does_not_catch_up_with_the_morning() -> None:
    simulated = Simulated()
    simulated.state, simulated.minute = begin(simulated.flight, 720 * STEP_S), 720
    simulated.run()
    assert simulated.spent > 0.97 * BUDGET
    first_hour = simulated.by_minute[60]
    assert first_hour == pytest.approx(BUDGET / 12, rel=0.35)


@pytest.mark.parametrize("factor", [0.7, 1.5])
def test_a_changed_budget_is_spent_over_what_is_left_without_a_jump(factor: float) -> None:
    simulated = Simulated().run(720)
    before = simulated.spent
    simulated.budget = int(factor * BUDGET)
    simulated.run(780)
    an_hour = (simulated.budget - before) / 12
    assert simulated.spent - before == pytest.approx(an_hour, rel=0.35)
    assert simulated.run().spent > 0.97 * simulated.budget


def test_a_budget_cut_below_what_is_spent_stops_the_campaign() -> None:
    simulated = Simulated().run(720)
    spent = simulated.spent
    _, throttle, _ = step(simulated.state, Sample(721 * STEP_S, spent // 2, spent, 0))
    assert throttle == 0


def test_a_resumed_campaign_spreads_what_the_pause_left() -> None:
    simulated = Simulated().run(360)
    before, simulated.minute = simulated.spent, 720
    simulated.state = resume(simulated.state, 720 * STEP_S)
    simulated.run(780)
    assert simulated.spent - before == pytest.approx((BUDGET - before) / 12, rel=0.35)


def test_what_was_learned_in_one_flight_serves_the_next() -> None:
    yesterday = Simulated().run()
    tomorrow = begin(yesterday.flight, 0, yesterday.state.landscape)
    _, throttle, multiplier = step(tomorrow, Sample(0, BUDGET, 0, 0))
    assert throttle == PPB
    assert multiplier == pytest.approx(yesterday.terms[700][1], rel=0.1)
