"""Load over time: requests a second at each moment of a run, as a share of the rate that was asked for."""

from collections.abc import Callable

Shape = Callable[[float], float]
"""From the part of the run that is over, 0 to 1, to a multiple of the rate."""


def ramp(done: float) -> float:
    """From a tenth to all of it."""
    return 0.1 + 0.9 * done


def spike(done: float) -> float:
    """A half, and in the middle for a tenth of the time twice the rate."""
    return 2.0 if 0.45 <= done < 0.55 else 0.5


def soak(done: float) -> float:  # noqa: ARG001 - the same at all times
    """Seven tenths, all the time."""
    return 0.7


def overload(done: float) -> float:
    """The rate for a third of the time, then three times as much, then the rate again."""
    return 3.0 if 1 / 3 <= done < 2 / 3 else 1.0


SHAPES: dict[str, Shape] = {"ramp": ramp, "spike": spike, "soak": soak, "overload": overload}

STEP_S = 0.1


def intended(shape: Shape, rate: float, seconds: float) -> float:
    """How many requests a run of that length means to send."""
    steps = max(1, round(seconds / STEP_S))
    return sum(shape((step + 0.5) / steps) for step in range(steps)) * rate * seconds / steps
