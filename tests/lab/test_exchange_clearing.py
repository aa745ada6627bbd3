"""Clearing: who wins and what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.lab.exchange.clearing import PRICE_STEP, Outcome, Rival, clear, cpm_micros
from openrtb.enums import LossReasonCodes
from openrtb.imp import Deal, Imp, Pmp
from openrtb.response import Bid

FIRST, SECOND, FIXED = 1, 2, 3


def bid(price: float, dealid: str | None = None) -> Bid:
    return Bid(id="b", impid="1", price=price, dealid=dealid)


def imp(floor: float = 0.0, *deals: Deal, private: bool = False) -> Imp:
    return Imp(id="1", bidfloor=floor, pmp=Pmp(private_auction=int(private), deals=list(deals)) if deals else None)


def rivals(*cpms: float, on_deal: bool = False) -> list[Rival]:
    return [Rival(cpm_micros(cpm), on_deal) for cpm in cpms]


def outcome(price: float, at: int, *cpms: float, floor: float = 0.0) -> Outcome:
    return clear(imp(floor), at, [bid(price)], rivals(*cpms))[0]


def paid(result: Outcome) -> float | None:
    return None if result.price_cpm_micros is None else result.price_cpm_micros / 1e6


def test_the_highest_bid_wins() -> None:
    assert outcome(2.0, FIRST, 1.5, 1.9).won


def test_a_higher_rival_takes_the_imp() -> None:
    assert outcome(2.0, FIRST, 2.5).loss is LossReasonCodes.LOST_TO_HIGHER_BID


def test_on_a_tie_the_rival_wins() -> None:
    assert outcome(2.0, FIRST, 2.0).loss is LossReasonCodes.LOST_TO_HIGHER_BID


def test_first_price_costs_the_bid_itself() -> None:
    assert paid(outcome(2.345, FIRST, 1.0)) == 2.345


def test_second_price_costs_the_best_rival_and_an_increment() -> None:
    assert paid(outcome(2.0, SECOND, 1.0, 1.5)) == 1.51


def test_second_price_without_a_rival_costs_the_floor() -> None:
    assert paid(outcome(2.0, SECOND, floor=0.7)) == 0.7


def test_second_price_without_rival_and_floor_costs_the_increment() -> None:
    assert paid(outcome(2.0, SECOND)) == 0.01


def test_second_price_is_at_least_the_floor() -> None:
    assert paid(outcome(2.0, SECOND, 0.71, floor=0.9)) == 0.9


def test_second_price_is_never_above_the_bid() -> None:
    assert paid(outcome(2.0, SECOND, 1.995)) == 2.0


def test_a_rival_below_the_floor_does_not_count() -> None:
    result = outcome(2.0, SECOND, 0.5, floor=0.6)
    assert (paid(result), result.min_to_win_cpm_micros) == (0.6, 600_000)


def test_a_bid_at_the_floor_is_taken() -> None:
    assert outcome(0.07, FIRST, floor=0.07).won


def test_a_bid_below_the_floor_is_refused_and_told_the_floor() -> None:
    result = outcome(0.69, FIRST, floor=0.7)
    assert (result.loss, result.min_to_win_cpm_micros) == (LossReasonCodes.BELOW_AUCTION_FLOOR, 700_000)


def test_a_bid_below_the_floor_is_told_what_a_rival_at_the_floor_takes_to_beat() -> None:
    assert outcome(0.1, FIRST, 0.7, floor=0.7).min_to_win_cpm_micros == 700_000 + PRICE_STEP


def test_a_loser_is_told_the_least_price_that_would_have_won() -> None:
    assert outcome(1.0, FIRST, 1.2, 1.1).min_to_win_cpm_micros == 1_200_000 + PRICE_STEP


def test_a_deal_goes_before_a_higher_open_bid() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=1.0))
    assert clear(offered, FIRST, [bid(1.2, "d")], rivals(5.0))[0].won


def test_an_open_bid_loses_to_a_rival_on_a_deal_at_any_price() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=1.0))
    result = clear(offered, FIRST, [bid(9.0)], rivals(1.1, on_deal=True))[0]
    assert (result.loss, result.min_to_win_cpm_micros) == (LossReasonCodes.LOST_TO_DEAL, None)


def test_two_bids_on_deals_compete_by_price() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=1.0, at=SECOND))
    result = clear(offered, FIRST, [bid(2.0, "d")], rivals(1.4, on_deal=True))[0]
    assert paid(result) == 1.41


def test_a_bid_below_the_floor_of_its_deal_is_refused() -> None:
    offered = imp(0.1, Deal(id="d", bidfloor=1.0))
    assert clear(offered, FIRST, [bid(0.9, "d")], [])[0].loss is LossReasonCodes.BELOW_DEAL_FLOOR


def test_a_fixed_price_deal_costs_its_price() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=3.0, at=FIXED))
    assert paid(clear(offered, SECOND, [bid(4.0, "d")], [])[0]) == 3.0


def test_the_deal_decides_the_auction_type_of_its_bids() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=1.0, at=FIRST))
    assert paid(clear(offered, SECOND, [bid(2.0, "d")], [])[0]) == 2.0


def test_a_deal_that_was_not_offered_is_refused() -> None:
    assert clear(imp(), FIRST, [bid(2.0, "unknown")], [])[0].loss is LossReasonCodes.INVALID_DEAL_ID


def test_a_private_auction_takes_no_open_bid_of_anyone() -> None:
    offered = imp(0.0, Deal(id="d", bidfloor=1.0), private=True)
    with_deal, without = clear(offered, FIRST, [bid(1.0, "d"), bid(9.0)], rivals(20.0))
    assert with_deal.won
    assert without.loss is LossReasonCodes.INVALID_DEAL_ID


def test_of_several_bids_of_one_bidder_the_best_wins_and_the_others_set_no_price() -> None:
    best, other = clear(imp(0.5), SECOND, [bid(3.0), bid(2.0)], rivals(1.0))
    assert paid(best) == 1.01
    assert (other.loss, other.min_to_win_cpm_micros) == (LossReasonCodes.LOST_TO_HIGHER_BID, 3_000_000 + PRICE_STEP)


def test_of_two_equal_bids_of_one_bidder_the_first_wins() -> None:
    assert [result.won for result in clear(imp(), FIRST, [bid(2.0), bid(2.0)], [])] == [True, False]


CPMS = st.integers(1, 20_000).map(lambda thousandths: thousandths / 1000)


@given(
    prices=st.lists(CPMS, min_size=1, max_size=4),
    rival_cpms=st.lists(CPMS, max_size=6),
    floor=CPMS | st.just(0.0),
    at=st.sampled_from([FIRST, SECOND]),
)
def test_at_most_one_bid_wins_between_floor_and_bid(
    prices: list[float], rival_cpms: list[float], floor: float, at: int
) -> None:
    results = clear(imp(floor), at, [bid(price) for price in prices], rivals(*rival_cpms))
    wins = [result for result in results if result.won]
    assert len(results) == len(prices)
    assert len(wins) <= 1
    for win in wins:
        assert win.price_cpm_micros is not None
        assert cpm_micros(floor) <= win.price_cpm_micros <= cpm_micros(win.bid.price or 0.0)


@given(price=CPMS, rival_cpms=st.lists(CPMS, max_size=6), floor=CPMS, at=st.sampled_from([FIRST, SECOND]))
def test_bidding_the_price_to_win_wins_and_a_step_less_loses(
    price: float, rival_cpms: list[float], floor: float, at: int
) -> None:
    least = outcome(price, at, *rival_cpms, floor=floor).min_to_win_cpm_micros
    assert least is not None
    assert outcome(least / 1e6, at, *rival_cpms, floor=floor).won
    assert not outcome((least - PRICE_STEP) / 1e6, at, *rival_cpms, floor=floor).won


@pytest.mark.parametrize(("cpm", "expected"), [(0.07, 70_000), (2.345678, 2_345_678), (float("inf"), 0), (0.0, 0)])
def test_a_cpm_is_read_as_the_decimal_it_was_written_as(cpm: float, expected: int) -> None:
    assert cpm_micros(cpm) == expected
