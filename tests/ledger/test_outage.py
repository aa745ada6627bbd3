"""How long what is open lasts across restarts."""

import pytest

from bidder.ledger.outage import Outage, Outages
from bidder.processes.open_bids import Claim

MEANT_S, LONGEST_S = 60, 100


def outages(*times: tuple[float, ...]) -> Outages:
    """Each as when control was alive last, when it was again, and what the wall clock said when it was last."""
    return Outages([Outage(*each) for each in times], LONGEST_S)


def bid(expires_s: int) -> Claim:
    return Claim(1, "shoes", expires_s - MEANT_S, expires_s, 10)


@pytest.mark.parametrize(
    ("expires_s", "due_s"),
    [(1000, 1000), (1001, 1080), (1020, 1080), (1021, 1021)],
    ids=["over before", "just not", "while control came", "still to come"],
)
def test_what_expires_in_an_outage_lasts_as_long_as_it_was_meant_to_from_its_end_on(expires_s: int, due_s: int) -> None:
    found = outages((1000, 1020))
    term = found.term(bid(expires_s))
    assert (term.due_s, found.is_over(term)) == (due_s, due_s == 1000)


def test_what_ends_in_a_later_outage_too_lasts_as_long_once_more() -> None:
    assert outages((1000, 1020), (1070, 1090)).term(bid(1010)) == (1150, True)
    over = outages((1000, 1020), (1080, 1090))
    assert over.is_over(over.term(bid(1010)))


def test_a_moment_within_a_second_counts_to_its_end() -> None:
    assert outages((1000, 1019.5)).term(bid(1010)).due_s == 1080


def test_outages_that_no_hold_lived_through_do_not_count() -> None:
    assert outages((1000, 1020), (1119, 1121)).earliest_s == 1000
    assert outages((1000, 1020), (1120, 1121)).earliest_s == 1120


@pytest.mark.parametrize("later", [[], [(520, 530)], [(520, 530), (560, 570)]])
def test_where_the_clock_went_back_nobody_knows_what_was_given_up_nor_does_any_later_restart(
    later: list[tuple[float, ...]],
) -> None:
    found = outages((1000, 500), *later)
    terms = {expires_s: found.term(bid(expires_s)) for expires_s in (900, 1000, 1001)}
    assert [term.surely for term in terms.values()] == [False, False, True]
    assert not any(map(found.is_over, terms.values()))


@pytest.mark.parametrize("later", [[], [(4690, 4700)]])
def test_where_the_wall_clock_had_jumped_ahead_nobody_knows_what_of_its_bids_was_given_up_nor_does_any_later_restart(
    later: list[tuple[float, ...]],
) -> None:
    found = outages((1000, 4680, 4670), *later)
    assert found.term(bid(4660)) == (4740, False)
    assert found.term(bid(4671)) == (4740, True)
