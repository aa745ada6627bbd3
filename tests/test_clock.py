"""Clocks that jump, and one that does not follow them."""

import pytest

from bidder.clock import REMEMBERED_SECONDS, Steady

HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
def test_a_steady_clock_does_not_jump_with_the_wall_clock(jump_s: float) -> None:
    wall, measured = [1000.0], [5.0]
    clock = Steady(lambda: wall[0], lambda: measured[0])
    wall[0] += 10 + jump_s
    measured[0] += 10
    assert clock() == 1010.0
    assert clock.earlier() == 1010.0 + min(jump_s, 0.0)


def test_what_was_written_down_before_the_wall_clock_was_put_right_is_not_late_for_an_hour() -> None:
    wall, measured = [1000.0], [5.0]
    clock = Steady(lambda: wall[0], lambda: measured[0])

    def pass_by(seconds: float, jump_s: float = 0.0) -> None:
        wall[0] += seconds + jump_s
        measured[0] += seconds

    pass_by(10, jump_s=-DAY_S)
    clock()
    pass_by(REMEMBERED_SECONDS)
    assert clock.earlier() == wall[0]
    pass_by(10, jump_s=DAY_S)
    assert (clock(), clock.earlier()) == (wall[0], wall[0] - DAY_S)
    pass_by(REMEMBERED_SECONDS - 11)
    assert clock.earlier() == wall[0] - DAY_S
    pass_by(1)
    assert clock.earlier() == wall[0]


def test_what_was_written_down_before_the_clock_began_anew_is_not_late_for_an_hour() -> None:
    wall, measured = [1000.0], [5.0]
    before = Steady(lambda: wall[0], lambda: measured[0])
    wall[0] += DAY_S
    clock = Steady(lambda: wall[0], lambda: measured[0])
    clock.remember(before.least_s)
    assert (clock(), clock.earlier()) == (1000.0 + DAY_S, 1000.0)
    for seconds, earlier_s in ((REMEMBERED_SECONDS - 1, REMEMBERED_SECONDS + 999), (1, wall[0] + REMEMBERED_SECONDS)):
        wall[0] += seconds
        measured[0] += seconds
        assert clock.earlier() == earlier_s


@pytest.mark.parametrize("drift_s", [-0.1, 0.1])
def test_a_wall_clock_that_drifts_after_a_jump_is_followed(drift_s: float) -> None:
    wall, measured = [1000.0 + DAY_S], [5.0]
    clock = Steady(lambda: wall[0], lambda: measured[0])
    wall[0] -= DAY_S
    for _ in range(100):
        wall[0] += 10 + drift_s
        measured[0] += 10
        clock()
    assert clock.earlier() == pytest.approx(wall[0])
