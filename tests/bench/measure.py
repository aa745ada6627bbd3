"""Timing that a busy machine disturbs little: candidates take turns, each keeps the least of many short runs."""

import statistics
from collections.abc import Callable, Mapping
from time import process_time_ns
from typing import Any

Run = Callable[[], Any]


def microseconds(runs: Mapping[str, Run], *, number: int = 200, rounds: int = 60) -> dict[str, float]:
    """Processor time of one call of each run, in microseconds: the least over `rounds` turns of `number` calls."""
    least = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            least[name] = min(least[name], _turn(run, number))
    return least


def median_ratio(ratios: list[float]) -> str:
    """The median of ratios with the middle half around it."""
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _turn(run: Run, number: int) -> float:
    started = process_time_ns()
    for _ in range(number):
        run()
    return (process_time_ns() - started) / number / 1000
