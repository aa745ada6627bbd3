"""Budgets that campaigns share: together they are never granted more, whatever each may spend alone."""

from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.outcome import Outcome
from bidder.ledger.account import Budget
from bidder.ledger.book import Book
from bidder.ledger.pool import Pool
from bidder.processes.open_bids import Claim

DAY = "2026-03-10"


def book(*campaigns: str, own: int = 1_000) -> Book:
    made = Book(0, 3600)
    for name in campaigns:
        made.fund(name, Budget(own))
        made.start_day(name, DAY)
    return made


def test_what_one_campaign_was_granted_the_others_cannot_have() -> None:
    shared = book("a", "b", "c")
    shared.share([Pool(Budget(600), frozenset({"a", "b"}))])
    assert shared.grant("a", 500) == 500
    assert (shared.available("b"), shared.available("c")) == (100, 1_000)
    assert shared.grant("b", 500) == 100
    shared.reclaim("a", 200)
    assert shared.available("b") == 200


def test_its_own_budget_still_limits_each() -> None:
    shared = book("a", "b", own=50)
    shared.share([Pool(Budget(600), frozenset({"a", "b"}))])
    assert shared.grant("a", 500) == 50


def test_a_daily_budget_is_shared_as_well_and_without_a_limit_nothing_is() -> None:
    shared = book("a", "b")
    shared.share([Pool(Budget(None, 70), frozenset({"a", "b"}))])
    assert shared.grant("a", 500) == 70
    assert shared.available("b") == 0
    shared.share([Pool(Budget(), frozenset({"a", "b"}))])
    assert shared.available("b") == 1_000
    shared.share([])
    assert shared.available("a") == 930


def test_a_bid_that_only_a_ticket_tells_of_is_not_spent_of_a_shared_budget_that_is_used_up() -> None:
    shared = book("a", "b")
    shared.share([Pool(Budget(600), frozenset({"a", "b"}))])
    shared.grant("a", 550)
    told = Claim(bid_id=1, campaign="b", at_s=0, expires_s=60, price_micros=100, life=7)
    assert shared.bill(told, 100, 1) is Outcome.LATE
    assert (shared.accounts["b"].spent, shared.accounts["b"].late) == (0, 100)


def test_a_shared_budget_below_what_is_committed_grants_nothing_more() -> None:
    shared = book("a", "b")
    shared.grant("a", 400)
    shared.share([Pool(Budget(300), frozenset({"a", "b", "unknown"}))])
    assert (shared.available("a"), shared.available("b"), shared.available("unknown")) == (0, 0, 0)


@given(
    moves=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["grant", "reclaim"]), st.integers(0, 900)), max_size=40
    ),
    limit=st.integers(0, 2_000),
)
def test_together_they_never_hold_more_than_the_shared_budget(moves: list[tuple[str, str, int]], limit: int) -> None:
    shared = book("a", "b", "c")
    shared.share([Pool(Budget(limit), frozenset("abc"))])
    for name, move, micros in moves:
        if move == "grant":
            shared.grant(name, micros)
        else:
            shared.reclaim(name, min(micros, shared.accounts[name].unspent))
        assert sum(account.committed for account in shared.accounts.values()) <= limit
