"""How many opportunities are still to come, with forecasts that are right, wrong or missing."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.pacing.forecast import Traffic, expected, observe
from bidder.pacing.plan import Plan, even, following, hours

DAY_S = 86_400
EVENLY = even(hours(0, DAY_S, UTC))


def after(elapsed_s: int, a_minute: int = 60, curve: Plan = EVENLY, step_s: int = 60) -> Traffic:
    """What was seen after steady traffic of so many opportunities a minute."""
    traffic = Traffic(0, 0)
    for at_s in range(step_s, elapsed_s + 1, step_s):
        traffic = observe(traffic, curve, at_s, a_minute * step_s // 60)
    return traffic


def test_a_right_forecast_and_steady_traffic_agree() -> None:
    left = expected(after(DAY_S // 4), EVENLY, DAY_S, 86_400)
    assert left == pytest.approx(0.75 * 86_400, rel=0.01)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_wrong_forecast_loses_its_say_as_the_flight_elapses(factor: float) -> None:
    def miscounted(part: float) -> float:
        left = expected(after(int(part * DAY_S)), EVENLY, DAY_S, factor * 86_400)
        return abs(left / 86_400 - (1 - part))

    assert miscounted(0.1) > 0.3
    assert miscounted(0.1) > miscounted(0.5) > 2 * miscounted(0.9) or miscounted(0.5) < 0.01
    assert miscounted(0.95) < 0.01


def test_before_any_traffic_the_forecast_is_all_there_is() -> None:
    assert expected(Traffic(0, 0), EVENLY, DAY_S, 1234.0) == pytest.approx(1234)


def test_without_forecast_and_traffic_nothing_is_expected() -> None:
    assert expected(Traffic(0, 0), EVENLY, DAY_S, None) == 0


def test_without_forecast_the_rate_foretells() -> None:
    assert expected(after(7200), EVENLY, 10_800, None) == pytest.approx(3600, rel=0.01)


def test_nothing_is_expected_of_a_time_that_is_past() -> None:
    assert expected(after(7200), EVENLY, 7200, 86_400) == 0


def test_a_silence_is_no_evidence_of_low_traffic() -> None:
    busy = after(DAY_S // 4)
    silent = busy
    for at_s in range(DAY_S // 4 + 60, DAY_S // 2, 60):
        silent = observe(silent, EVENLY, at_s, 0)
    assert silent.recent / silent.weight == pytest.approx(busy.recent / busy.weight)
    resumed = observe(silent, EVENLY, DAY_S // 2, 60)
    assert resumed.recent / resumed.weight > 0.8 * busy.recent / busy.weight


def test_rare_traffic_is_not_taken_for_more_than_it_is() -> None:
    traffic = Traffic(0, 0)
    for at_s in range(1, DAY_S // 2):
        traffic = observe(traffic, EVENLY, at_s, 1 if at_s % 600 == 0 else 0)
    assert expected(traffic, EVENLY, DAY_S, None) == pytest.approx(72, rel=0.1)


def test_a_known_curve_of_the_day_takes_the_hours_out_of_the_rate() -> None:
    curve = following(hours(0, DAY_S, UTC), [1 if hour % 24 < 12 else 9 for hour in range(168)])
    left = expected(after(DAY_S // 2, a_minute=10, curve=curve), curve, DAY_S, None)
    assert left == pytest.approx(9 * 10 * 720, rel=0.02)


@given(
    st.lists(st.tuples(st.floats(0.1, 4000), st.integers(0, 100_000)), max_size=30),
    st.floats(0, 2 * DAY_S),
    st.none() | st.floats(0, 1e9),
)
def test_whatever_comes_the_expectation_is_a_number_not_negative(
    steps: list[tuple[float, int]], until_s: float, forecast: float | None
) -> None:
    traffic = Traffic(0, 0)
    at_s = 0.0
    for wait_s, opportunities in steps:
        at_s += wait_s
        traffic = observe(traffic, EVENLY, at_s, opportunities)
    assert 0 <= expected(traffic, EVENLY, until_s, forecast) < float("inf")
