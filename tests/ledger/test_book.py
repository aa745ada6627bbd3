"""The book, one move at a time: each bid is resolved once, and what it held is spent or given back."""

from typing import Any

import pytest

from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Ticket
from bidder.ledger.account import Account, Budget, UnbalancedError
from bidder.ledger.book import Book
from bidder.ledger.entry import Entry, first_life
from bidder.ledger.holds import Hold, Holds
from bidder.ledger.store import StoreError
from tests.domain.tickets import LIFE, NOW_S, ticket

CAMPAIGN = "shoes-autumn"
PRICE = 2500
LATE_S = 3600


def book(total: int | None = 10 * PRICE, day: int | None = None, granted: int = 4 * PRICE, **given: Any) -> Book:
    """A book of one campaign, with grants out."""
    opened = Book(opened_s=NOW_S, late_s=LATE_S, **given)
    opened.begin_life(LIFE)
    opened.fund(CAMPAIGN, Budget(total, day))
    assert opened.grant(CAMPAIGN, granted) == granted
    return opened


def bid(bid_id: int = 1, **changes: Any) -> Ticket:
    return ticket(bid_id=bid_id, **changes)


def account(of: Book) -> Account:
    of.audit()
    return of.accounts[CAMPAIGN]


def test_a_billed_bid_is_spent_at_the_clearing_price_and_the_rest_is_released() -> None:
    ledger = book()
    assert ledger.hold(bid()) is Outcome.COUNTED
    assert account(ledger).held == PRICE
    assert ledger.win(bid(), NOW_S) is Outcome.COUNTED
    assert ledger.bill(bid(), 1700, NOW_S + 1) is Outcome.COUNTED
    assert (account(ledger).held, account(ledger).spent, account(ledger).released) == (0, 1700, 800)


def test_a_fee_is_owed_on_top_of_what_is_spent_and_takes_nothing_from_the_budget() -> None:
    lines: list[Entry] = []
    ledger = book()
    free = Book(opened_s=NOW_S, late_s=LATE_S, post=lines.append)
    free.begin_life(LIFE)
    free.fund(CAMPAIGN, Budget(10 * PRICE))
    free.grant(CAMPAIGN, 4 * PRICE)
    for each, fee_ppb in ((ledger, 0), (free, 30_000_000)):
        each.bill(bid(), 1750, NOW_S, fee_ppb)
    assert (account(ledger).fee, account(free).fee) == (0, 53)
    assert account(free).spent == account(ledger).spent
    assert free.available(CAMPAIGN) == ledger.available(CAMPAIGN)
    assert [line.fee_micros for line in lines] == [53]


def test_no_fee_is_owed_on_what_is_claimed_late() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.expire(NOW_S + 300)
    assert ledger.bill(bid(), 1700, NOW_S + 301, 500_000_000) is Outcome.LATE
    assert account(ledger).fee == 0


def test_no_more_is_granted_in_an_hour_than_its_limit_less_what_is_spent_and_out() -> None:
    ledger = book(granted=0)
    ledger.fund(CAMPAIGN, Budget(100 * PRICE, hour_micros=3 * PRICE))
    ledger.start_hour(CAMPAIGN, NOW_S - NOW_S % 3600)
    assert ledger.grant(CAMPAIGN, 9 * PRICE) == 3 * PRICE
    ledger.bill(bid(), 700, NOW_S)
    assert ledger.available(CAMPAIGN) == PRICE - 700
    ledger.start_hour(CAMPAIGN, NOW_S - NOW_S % 3600 + 3600)
    assert ledger.available(CAMPAIGN) == PRICE


def test_of_two_gaps_that_are_equal_each_ends_by_itself() -> None:
    holds = Holds()
    for life in (LIFE + 1, LIFE):
        holds.keep_gap(Hold(CAMPAIGN, 10, 10, 50.0, life))
    due = holds.due(50.0)
    next(due)
    assert holds.draw(bid(price_micros=4, life=LIFE)) is None
    assert holds.draw(bid(price_micros=4, life=LIFE + 1)) == LIFE + 1
    (_, last), *more = due
    assert (last.held, more) == (6, [])
    assert holds.draw(bid(price_micros=1, life=LIFE + 1)) is None


def test_a_gap_gives_nothing_to_bids_of_other_lives_and_that_of_an_epoch_to_all_of_its_own() -> None:
    holds = Holds()
    holds.keep_gap(Hold(CAMPAIGN, 10, 10, 50.0, first_life(3)))
    lives = (first_life(3) + 1, first_life(3) + 2, first_life(4) + 1, first_life(2) + 1)
    assert [holds.draw(bid(price_micros=4, life=life)) for life in lives] == [first_life(3), first_life(3), None, None]


def test_a_lost_bid_gives_its_hold_back() -> None:
    ledger = book()
    ledger.hold(bid())
    assert ledger.lose(bid(), NOW_S) is Outcome.COUNTED
    assert (account(ledger).held, account(ledger).released) == (0, PRICE)
    assert ledger.available(CAMPAIGN) == 7 * PRICE


def test_a_bid_of_which_nothing_is_heard_gives_its_hold_back_when_it_expires() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.expire(NOW_S + 299.9)
    assert (account(ledger).held, account(ledger).released) == (PRICE, 0)
    assert ledger.expire(NOW_S + 300) == []
    assert (account(ledger).held, account(ledger).released) == (0, PRICE)
    assert ledger.remembered == 0


@pytest.mark.parametrize("order", ["record first", "ticket first"])
@pytest.mark.parametrize("resolve", ["bill", "lose", "win"])
def test_record_and_notice_end_in_the_same_balance_in_either_order(order: str, resolve: str) -> None:
    def notify(ledger: Book) -> Outcome:
        match resolve:
            case "bill":
                return ledger.bill(bid(), 1700, NOW_S)
            case "lose":
                return ledger.lose(bid(), NOW_S)
            case _:
                return ledger.win(bid(), NOW_S)

    ledger = book()
    if order == "record first":
        assert [ledger.hold(bid()), notify(ledger)] == [Outcome.COUNTED, Outcome.COUNTED]
    else:
        assert [notify(ledger), ledger.hold(bid())] == [Outcome.UNRECORDED, Outcome.REPEATED]
    spent, held = {"bill": (1700, 0), "lose": (0, 0), "win": (0, PRICE)}[resolve]
    assert (account(ledger).unspent, account(ledger).spent, account(ledger).held) == (3 * PRICE, spent, held)


def test_a_bid_settled_by_its_ticket_is_not_taken_for_another_when_its_record_comes_after_the_expiry() -> None:
    ledger = book()
    ledger.lose(bid(), NOW_S)
    for later_s in (400, 300 + LATE_S, 300 + 5 * LATE_S):
        ledger.expire(NOW_S + later_s)
    assert ledger.hold(bid()) is Outcome.REPEATED
    assert account(ledger).unspent == 3 * PRICE
    ledger.expire(NOW_S + 300 + 6 * LATE_S)
    assert ledger.remembered == 0


def test_billing_again_does_nothing() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.bill(bid(), 1700, NOW_S)
    assert ledger.bill(bid(), 2500, NOW_S + 1) is Outcome.REPEATED
    ledger.expire(NOW_S + 400)
    assert ledger.bill(bid(), 2500, NOW_S + 400) is Outcome.REPEATED
    assert (account(ledger).spent, account(ledger).late) == (1700, 0)


def test_a_second_win_or_loss_does_nothing() -> None:
    ledger = book()
    assert [ledger.win(bid(1), NOW_S), ledger.win(bid(1), NOW_S)] == [Outcome.UNRECORDED, Outcome.REPEATED]
    assert [ledger.lose(bid(2), NOW_S), ledger.lose(bid(2), NOW_S)] == [Outcome.UNRECORDED, Outcome.REPEATED]
    assert account(ledger).released == PRICE


def test_a_loss_after_a_win_keeps_the_hold_and_a_win_after_a_loss_does_not_bring_it_back() -> None:
    ledger = book()
    ledger.win(bid(1), NOW_S)
    assert ledger.lose(bid(1), NOW_S) is Outcome.CONTRADICTED
    assert account(ledger).held == PRICE
    ledger.lose(bid(2), NOW_S)
    assert ledger.win(bid(2), NOW_S) is Outcome.CONTRADICTED
    assert account(ledger).held == PRICE


def test_a_win_may_come_after_the_billing_notice() -> None:
    ledger = book()
    ledger.bill(bid(), 1700, NOW_S)
    assert ledger.win(bid(), NOW_S) is Outcome.COUNTED
    assert ledger.lose(bid(), NOW_S) is Outcome.CONTRADICTED
    assert account(ledger).spent == 1700


@pytest.mark.parametrize("price", [PRICE + 1, 10**9, 2**80])
def test_a_price_above_the_bid_is_booked_at_the_bid(price: int) -> None:
    ledger = book()
    assert ledger.bill(bid(), price, NOW_S) is Outcome.OVER_HOLD
    assert account(ledger).spent == PRICE


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        book().bill(bid(), -1, NOW_S)


def test_a_price_of_nothing_resolves_the_bid() -> None:
    ledger = book()
    assert ledger.bill(bid(), 0, NOW_S) is Outcome.UNRECORDED
    assert ledger.bill(bid(), PRICE, NOW_S) is Outcome.REPEATED
    assert account(ledger).spent == 0


@pytest.mark.parametrize("freed_by", ["expiry", "loss"])
def test_what_is_billed_when_nothing_is_held_any_more_goes_on_the_late_line_once(freed_by: str) -> None:
    ledger = book()
    ledger.hold(bid())
    if freed_by == "loss":
        ledger.lose(bid(), NOW_S)
    else:
        ledger.expire(NOW_S + 300)
    at_s = NOW_S + 10 if freed_by == "loss" else NOW_S + 301
    assert ledger.bill(bid(), 1700, at_s) is Outcome.LATE
    assert ledger.bill(bid(), 1700, at_s + 1) is Outcome.REPEATED
    ledger.expire(NOW_S + 301)
    assert ledger.bill(bid(), 1700, NOW_S + 302) is Outcome.REPEATED
    assert (account(ledger).spent, account(ledger).late) == (0, 1700)
    assert ledger.available(CAMPAIGN) == 7 * PRICE


def test_a_bill_at_the_moment_of_expiry_is_good_while_the_hold_stands() -> None:
    ledger = book()
    ledger.hold(bid())
    assert ledger.bill(bid(), 1700, NOW_S + 301) is Outcome.COUNTED


def test_a_bid_that_is_heard_of_for_the_first_time_at_the_moment_of_its_expiry_is_late() -> None:
    assert book().bill(bid(), 1700, NOW_S + 299.9) is Outcome.UNRECORDED
    assert book().bill(bid(), 1700, NOW_S + 300) is Outcome.LATE


def test_a_bill_is_booked_once_however_late_it_comes_and_however_often_the_book_has_forgotten_it() -> None:
    lines: list[Entry] = []
    ledger = book(post=lines.append, is_billed=lambda bid_id: any(line.bid_id == bid_id for line in lines))
    for week in range(1, 4):
        at_s = NOW_S + week * 7 * 86_400
        assert ledger.bill(bid(), 1700, at_s) is (Outcome.LATE if week == 1 else Outcome.REPEATED)
        ledger.hold(bid())
        ledger.expire(at_s + LATE_S)
        assert ledger.remembered == 0
    assert [line.late_micros for line in lines] == [1700]
    assert (account(ledger).late, account(ledger).spent, account(ledger).held) == (1700, 0, 0)


def test_a_bill_that_was_booked_and_forgotten_is_not_booked_again_by_a_clock_that_went_back() -> None:
    ledger = book(is_billed=lambda bid_id: bid_id == 1)
    assert ledger.lose(bid(), NOW_S) is Outcome.CONTRADICTED
    assert ledger.bill(bid(), 1700, NOW_S) is Outcome.REPEATED
    assert (account(ledger).spent, account(ledger).unspent) == (0, 4 * PRICE)


def test_what_cannot_be_looked_up_moves_nothing() -> None:
    def unreadable(_: int) -> bool:
        raise StoreError("the disk is broken")

    ledger = book(is_billed=unreadable)
    for claim in (ledger.win, ledger.lose, lambda each, at_s: ledger.bill(each, 1700, at_s)):
        with pytest.raises(StoreError):
            claim(bid(), NOW_S)
    assert (ledger.remembered, account(ledger).unspent) == (0, 4 * PRICE)


def test_wins_and_losses_that_come_late_move_nothing() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.expire(NOW_S + 300)
    assert ledger.win(bid(), NOW_S + 301) is Outcome.LATE
    assert ledger.lose(bid(), NOW_S + 301) is Outcome.LATE
    assert account(ledger).released == PRICE


def test_a_record_that_comes_after_a_late_bill_gives_its_grant_back() -> None:
    ledger = book()
    assert ledger.bill(bid(), 1700, NOW_S + 301) is Outcome.LATE
    assert account(ledger).unspent == 4 * PRICE
    ledger.hold(bid())
    ledger.hold(bid())
    assert (account(ledger).unspent, account(ledger).released, account(ledger).late) == (3 * PRICE, PRICE, 1700)


def test_billed_bids_are_forgotten_once_nothing_billed_for_them_could_be_booked() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.bill(bid(), 1700, NOW_S)
    ledger.expire(NOW_S + 300 + LATE_S - 1)
    assert ledger.remembered == 1
    ledger.expire(NOW_S + 300 + LATE_S)
    assert ledger.remembered == 0


def test_a_bid_from_before_the_book_takes_funds_and_no_grant_of_another() -> None:
    ledger = book()
    assert ledger.bill(bid(life=LIFE - 1), 1700, NOW_S) is Outcome.UNRECORDED
    assert (account(ledger).unspent, account(ledger).spent) == (4 * PRICE, 1700)


def test_the_record_of_a_bid_from_before_the_book_that_was_billed_late_takes_no_grant_of_another() -> None:
    ledger = book()
    old = bid(at_s=NOW_S - 400, expires_s=NOW_S - 100, life=LIFE - 1)
    assert ledger.bill(old, 1700, NOW_S) is Outcome.LATE
    ledger.hold(old)
    assert account(ledger).unspent == 4 * PRICE


def test_a_bid_that_neither_grants_nor_funds_cover_goes_on_the_late_line() -> None:
    ledger = book(total=4 * PRICE)
    assert ledger.bill(bid(life=LIFE - 1), 1700, NOW_S) is Outcome.LATE
    assert (account(ledger).spent, account(ledger).late) == (0, 1700)


def test_the_record_of_a_bid_that_nothing_covers_is_told() -> None:
    ledger = book(total=PRICE, granted=PRICE)
    assert [ledger.hold(bid(1)), ledger.hold(bid(2))] == [Outcome.COUNTED, Outcome.UNGRANTED]
    assert account(ledger).held == PRICE


def test_a_ticket_of_a_campaign_without_account_costs_no_budget() -> None:
    ledger = Book(opened_s=NOW_S, late_s=LATE_S)
    assert ledger.available(CAMPAIGN) == 0
    assert ledger.bill(bid(), 1700, NOW_S) is Outcome.LATE
    assert account(ledger).late == 1700


def test_grants_stop_at_the_budget() -> None:
    ledger = book(total=10, granted=6)
    assert ledger.grant(CAMPAIGN, 100) == 4
    assert ledger.grant(CAMPAIGN, 1) == 0
    assert ledger.grant(CAMPAIGN, -5) == 0


def test_grants_stop_at_the_budget_of_the_day_which_begins_anew() -> None:
    ledger = book(total=100 * PRICE, day=4 * PRICE)
    assert ledger.available(CAMPAIGN) == 0
    ledger.bill(bid(), PRICE, NOW_S)
    assert ledger.available(CAMPAIGN) == 0
    ledger.start_day(CAMPAIGN, "2023-11-15")
    assert ledger.available(CAMPAIGN) == PRICE


def test_lowering_a_budget_below_what_is_committed_stops_grants_and_breaks_nothing() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.fund(CAMPAIGN, Budget(PRICE))
    assert ledger.grant(CAMPAIGN, 1) == 0
    assert ledger.bill(bid(), PRICE, NOW_S) is Outcome.COUNTED
    ledger.hold(bid(2))
    ledger.lose(bid(2), NOW_S)
    assert account(ledger).committed == 3 * PRICE


def test_returned_grants_can_be_granted_again_but_no_more_than_there_were() -> None:
    ledger = book(total=4 * PRICE)
    ledger.reclaim(CAMPAIGN, 3 * PRICE)
    assert ledger.available(CAMPAIGN) == 3 * PRICE
    with pytest.raises(UnbalancedError):
        ledger.reclaim(CAMPAIGN, PRICE + 1)


def test_a_campaign_has_open_money_until_grants_and_holds_are_resolved() -> None:
    ledger = book(granted=PRICE)
    assert ledger.has_open(CAMPAIGN)
    ledger.hold(bid())
    assert ledger.has_open(CAMPAIGN)
    ledger.lose(bid(), NOW_S)
    assert not ledger.has_open(CAMPAIGN)
    assert not ledger.has_open("another")


def test_a_posting_that_does_not_balance_stops_the_book() -> None:
    broken = Account(CAMPAIGN, Budget(100), granted=10, unspent=9)
    with pytest.raises(UnbalancedError, match=CAMPAIGN):
        broken.hold(1)
    with pytest.raises(UnbalancedError):
        Account(CAMPAIGN, Budget(100)).hold(1)
    with pytest.raises(UnbalancedError):
        Account(CAMPAIGN, Budget(100)).grant(101)
    with pytest.raises(UnbalancedError):
        Account(CAMPAIGN, Budget(None, 100)).grant(101)
    with pytest.raises(UnbalancedError):
        Account(CAMPAIGN, Budget(100), granted=10, unspent=10).grant(-5)


def test_the_audit_finds_holds_that_the_account_does_not_know() -> None:
    ledger = book()
    ledger.hold(bid())
    ledger.accounts[CAMPAIGN].held -= 1
    with pytest.raises(UnbalancedError):
        ledger.audit()
