"""Clocks that jump, and one that does not follow them."""

import pytest

from bidder.clock import Steady

HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
def test_a_steady_clock_does_not_jump_with_the_wall_clock(jump_s: float) -> None:
    wall, measured = [1000.0], [5.0]
    clock = Steady(lambda: wall[0], lambda: measured[0])
    wall[0] += 10 + jump_s
    measured[0] += 10
    assert clock() == 1010.0
    assert clock.earlier() == 1010.0 + min(jump_s, 0.0)
