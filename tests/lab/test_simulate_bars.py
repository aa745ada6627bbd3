"""The bars of pacing on recorded auctions, as `tests.bench.pacing` measures them."""

from collections.abc import Callable, Iterator

import pytest

from tests.bench.pacing import Judge, by_the_clock, count_known, episodes, late_notices


@pytest.mark.slow
@pytest.mark.parametrize("table", [count_known, by_the_clock, late_notices, episodes])
def test_recorded_auctions_are_paced_within_the_bars_and_never_overspent(
    table: Callable[[Judge], Iterator[tuple[str, str, str]]],
) -> None:
    judge = Judge()
    for what, figure, bar in table(judge):
        assert holds(float(figure), bar), f"{what}: {figure}, the bar is {bar}"
    assert judge.flights > 0
    assert judge.overspend_micros == 0


def holds(figure: float, bar: str) -> bool:
    """Whether a figure is on the right side of a bar such as `>= 0.9`; without a bar it is."""
    if not bar:
        return True
    side, limit = bar.split()
    return figure >= float(limit) if side == ">=" else figure <= float(limit)
