"""Outcomes between two steps, added up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.pacing.outcomes import BINS, PPB, Bid, Outcomes, Tally, bin_of, position, ratio_at

HALF = Bid(PPB // 2, 1000, 500)


def test_bids_made_and_bids_resolved_are_counted_apart() -> None:
    tally = Tally()
    tally.made(HALF)
    tally.made(HALF)
    tally.lost(HALF, 2.0)
    taken = tally.take()
    assert (taken.made, taken.value_micros) == (2, 2000)
    assert dict(taken.resolved) == {PPB // 2: 1}
    assert (taken.bid_micros, taken.wins, taken.paid_micros) == (500, 0, 0)
    assert taken.waited == pytest.approx(1000)


def test_a_win_counts_its_value_where_its_price_lies() -> None:
    tally = Tally()
    tally.won(HALF, 250)
    taken = tally.take()
    assert dict(taken.won) == {bin_of(0.25): 1000}
    assert (taken.wins, taken.paid_micros, taken.paid_squares) == (1, 250, 62_500)


def test_what_was_taken_is_not_taken_again() -> None:
    tally = Tally()
    tally.won(HALF, 250)
    tally.take()
    assert tally.take() == Outcomes()


@given(st.floats(1 / 4000, 1))
def test_a_position_and_its_ratio_are_one(ratio: float) -> None:
    assert ratio_at(position(ratio)) == pytest.approx(ratio)
    assert ratio_at(bin_of(ratio)) <= ratio * (1 + 1e-9)
    assert ratio <= ratio_at(bin_of(ratio) + 1) * (1 + 1e-9)


@pytest.mark.parametrize(("ratio", "place"), [(0.0, 0), (1e-9, 0), (1.0, BINS - 1), (3.0, BINS - 1)])
def test_ratios_beyond_the_scale_are_in_the_outermost_bins(ratio: float, place: int) -> None:
    assert bin_of(ratio) == place
