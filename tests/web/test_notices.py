"""Notices of the exchange: what counts, what moves money, and what does neither."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.links import Kind
from bidder.domain.money import RATE_UNIT
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Billable
from bidder.events.schema import Notice, decode, encode
from bidder.web.notice_query import MAX_FIELDS, MAX_QUERY_CHARS
from bidder.web.prices import Agreement, Prices, plain
from openrtb.macros import read_price
from tests.domain.tickets import NOW_S, OTHER_KEY, signer, ticket
from tests.web.notice_desk import Desk, outcomes

NO_PRICES = [
    ("p=AUDIT", Outcome.AUDIT),
    ("p=audit", Outcome.AUDIT),
    ("p=", Outcome.EMPTY),
    ("", Outcome.EMPTY),
    ("price=1.70", Outcome.EMPTY),
    ("p=${AUCTION_PRICE}", Outcome.UNEXPANDED),
    ("p=%24%7BAUCTION_PRICE%7D", Outcome.UNEXPANDED),
    ("p=%2524%257BAUCTION_PRICE%257D", Outcome.UNEXPANDED),
    ("p={AUCTION_PRICE}", Outcome.UNEXPANDED),
    ("p=0x10", Outcome.NOT_A_NUMBER),
    ("p=1,70", Outcome.NOT_A_NUMBER),
    ("p=1_0", Outcome.NOT_A_NUMBER),
    ("p=%D9%A3", Outcome.NOT_A_NUMBER),
    ("p=%FF", Outcome.NOT_A_NUMBER),
    ("p=1.70%00", Outcome.NOT_A_NUMBER),
    ("p=" + "9" * 5000, Outcome.NOT_A_NUMBER),
    ("p=-1", Outcome.NEGATIVE),
    ("p=nan", Outcome.NON_FINITE),
    ("p=Infinity", Outcome.NON_FINITE),
    ("p=1e400", Outcome.OUT_OF_RANGE),
    ("p=1e999", Outcome.OUT_OF_RANGE),
    ("p=1.70&p=1.70", Outcome.AMBIGUOUS),
    ("p=1.70&p=0.01", Outcome.AMBIGUOUS),
    ("p=1.70&%70=0.01", Outcome.AMBIGUOUS),
]


def billed_on(event: Billable, **changes: Any) -> Any:
    return ticket(billable=event, **changes)


def test_a_billing_notice_is_spent_at_its_price_and_must_be_safe_before_it_is_acknowledged() -> None:
    desk = Desk()
    receipt = desk.call(Kind.BILLING, "p=1.70")
    assert (receipt.status, receipt.outcome, receipt.events) == (204, Outcome.UNRECORDED, ())
    assert receipt.money == Notice(
        at_ms=NOW_S * 1000,
        kind="billing",
        bid_id=ticket().bid_id,
        campaign="shoes-autumn",
        creative="shoes-300x250",
        exchange="adx",
        outcome="unrecorded",
        price_micros=1700,
        price_text="1.70",
    )
    assert desk.money() == (1700, 0)


def test_what_the_exchange_is_owed_on_top_is_booked_and_told_beside_the_price() -> None:
    desk = Desk(prices=Prices({ticket().exchange: Agreement(fee_ppb=100_000_000)}))
    receipt = desk.call(Kind.BILLING, "p=1.70")
    assert receipt.money is not None
    assert (receipt.money.price_micros, receipt.money.fee_micros) == (1700, 170)
    assert (desk.account.spent, desk.account.fee) == (1700, 170)
    again = desk.call(Kind.BILLING, "p=1.70")
    assert [event.fee_micros for event in again.events if isinstance(event, Notice)] == [0]


def test_a_billing_notice_of_a_bid_whose_record_was_read_is_plainly_counted() -> None:
    desk = Desk()
    desk.book.hold(ticket())
    assert desk.call(Kind.BILLING, "p=1.70").outcome is Outcome.COUNTED
    assert desk.counted() == {"bill counted": 1}


@pytest.mark.parametrize("again", ["p=1.70", "p=2.50", "p=0"])
def test_a_repeat_is_acknowledged_and_does_nothing(again: str) -> None:
    desk = Desk()
    desk.call(Kind.BILLING, "p=1.70")
    receipt = desk.call(Kind.BILLING, again)
    assert (receipt.status, receipt.outcome, receipt.money) == (204, Outcome.REPEATED, None)
    assert desk.money() == (1700, 0)
    assert desk.counted() == {"bill unrecorded": 1, "bill repeated": 1}


@pytest.mark.parametrize(("query", "outcome"), NO_PRICES)
def test_a_billing_notice_without_a_price_moves_no_money_and_leaves_the_bid_to_be_billed(
    query: str, outcome: Outcome
) -> None:
    desk = Desk()
    receipt = desk.call(Kind.BILLING, query)
    assert (receipt.status, receipt.outcome, receipt.money) == (204, outcome, None)
    assert outcomes(receipt.events) == [("billing", outcome)]
    assert desk.money() == (0, 0)
    assert desk.call(Kind.BILLING, "p=1.70").outcome.counts
    assert desk.counted() == {f"bill {outcome}": 1, "bill unrecorded": 1}


@pytest.mark.parametrize(("query", "outcome"), NO_PRICES)
def test_what_a_notice_said_can_always_be_recorded(query: str, outcome: Outcome) -> None:
    for kind in (Kind.WIN, Kind.BILLING, Kind.LOSS):
        receipt = Desk().call(kind, query + "&r=x&m=" + query[2:])
        for event in receipt.events:
            assert decode(encode(event)) == event


@pytest.mark.parametrize("price", ["2.501", "100", "9223372036854"])
def test_a_price_above_the_bid_is_booked_at_the_bid_and_told_as_it_came(price: str) -> None:
    desk = Desk()
    receipt = desk.call(Kind.BILLING, f"p={price}")
    assert receipt.outcome is Outcome.OVER_HOLD
    assert receipt.outcome.alarming
    assert receipt.money is not None
    assert (receipt.money.price_micros, receipt.money.price_text) == (2500, price)
    assert desk.money() == (2500, 0)


def test_a_bill_that_comes_after_the_hold_has_expired_is_booked_on_the_late_line() -> None:
    desk = Desk()
    desk.now_s += 300
    receipt = desk.call(Kind.BILLING, "p=1.70")
    assert (receipt.status, receipt.outcome) == (204, Outcome.LATE)
    assert receipt.money is not None
    assert desk.money() == (0, 1700)


def test_a_bill_is_booked_however_late_it_comes() -> None:
    desk = Desk()
    desk.now_s += 300 + 86_400
    receipt = desk.call(Kind.BILLING, "p=1.70")
    assert (receipt.status, receipt.outcome) == (204, Outcome.LATE)
    assert receipt.money is not None
    assert desk.money() == (0, 1700)


@pytest.mark.parametrize("kind", [Kind.WIN, Kind.BILLING, Kind.LOSS])
@pytest.mark.parametrize("event", Billable)
def test_a_test_ticket_never_moves_money(kind: Kind, event: Billable) -> None:
    desk = Desk()
    receipt = desk.call(kind, "p=1.70&r=102", billed_on(event, test=True))
    assert receipt.status == 204
    assert receipt.outcome in {Outcome.TEST, Outcome.NOT_BILLABLE}
    assert receipt.money is None
    assert all(getattr(recorded, "test", False) for recorded in receipt.events)
    assert (desk.money(), desk.account.held, desk.book.remembered) == ((0, 0), 0, 0)


def test_spend_is_counted_at_the_billable_event_only_and_once() -> None:
    for event, kinds in (
        (Billable.BURL, (Kind.WIN, Kind.IMPRESSION, Kind.BILLING, Kind.IMPRESSION, Kind.WIN, Kind.BILLING)),
        (Billable.NURL, (Kind.BILLING, Kind.IMPRESSION, Kind.WIN, Kind.BILLING, Kind.IMPRESSION, Kind.WIN)),
        (Billable.IMPRESSION, (Kind.WIN, Kind.BILLING, Kind.IMPRESSION, Kind.WIN, Kind.BILLING, Kind.IMPRESSION)),
    ):
        desk = Desk()
        receipts = [desk.call(kind, "p=1.70", billed_on(event)) for kind in kinds]
        assert [receipt.money is not None for receipt in receipts] == [False, False, True, False, False, False]
        assert desk.money() == (1700, 0)


def test_an_exchange_that_bills_on_its_win_notice_gets_one_win_and_one_billing() -> None:
    desk = Desk()
    receipt = desk.call(Kind.WIN, "p=1.70", billed_on(Billable.NURL))
    assert outcomes(receipt.events) == [("win", Outcome.UNRECORDED)]
    assert receipt.money is not None
    assert (receipt.money.kind, receipt.money.price_micros) == ("billing", 1700)
    assert desk.counted() == {"win unrecorded": 1, "bill counted": 1}


def test_a_billing_notice_of_an_exchange_that_bills_otherwise_is_counted_as_such() -> None:
    desk = Desk()
    receipt = desk.call(Kind.BILLING, "p=1.70", billed_on(Billable.NURL))
    assert (receipt.status, receipt.outcome) == (204, Outcome.NOT_BILLABLE)
    assert desk.counted() == {"bill not_billable": 1}


def test_a_win_is_counted_without_a_price_but_not_with_one_that_is_none() -> None:
    for query, outcome in NO_PRICES:
        expected = Outcome.UNRECORDED if outcome is Outcome.EMPTY else outcome
        assert Desk().call(Kind.WIN, query).outcome is expected


def test_a_win_notice_without_a_price_does_not_bill_even_where_it_should() -> None:
    desk = Desk()
    receipt = desk.call(Kind.WIN, "p=", billed_on(Billable.NURL))
    assert outcomes(receipt.events) == [("win", Outcome.UNRECORDED), ("billing", Outcome.EMPTY)]
    assert desk.money() == (0, 0)


def test_the_win_notice_of_an_exchange_that_wants_it_returns_the_markup_every_time() -> None:
    desk = Desk(markup_of=lambda bid: f"<b>{bid.creative}</b>" if bid.exchange == "adx" else None)
    for _ in range(2):
        receipt = desk.call(Kind.WIN, "p=1.70")
        assert (receipt.status, receipt.body) == (200, "<b>shoes-300x250</b>")
    other = desk.call(Kind.WIN, "p=1.70", ticket(bid_id=2, exchange="other"))
    assert (other.status, other.body) == (204, None)
    assert desk.call(Kind.WIN, "p=1.70", text="A" * 80).body is None


def test_a_loss_gives_the_hold_back_and_records_why() -> None:
    desk = Desk()
    desk.book.hold(ticket())
    receipt = desk.call(Kind.LOSS, "r=102&m=2.61&p=2.60")
    (loss,) = receipt.events
    assert isinstance(loss, Notice)
    assert (loss.kind, loss.outcome, loss.loss_reason, loss.min_to_win_micros, loss.price_micros) == (
        "loss", "counted", 102, 2610, 2600,
    )  # fmt: skip
    assert desk.account.held == 0


@pytest.mark.parametrize(
    "query", ["", "r=&m=&p=", "r=102", "r=abc", "r=-1", "r=%D9%A3", "r=9999999", "m=${AUCTION_MIN_TO_WIN}"]
)
def test_a_loss_counts_though_the_exchange_keeps_reason_and_price_to_itself(query: str) -> None:
    desk = Desk()
    desk.book.hold(ticket())
    (loss,) = desk.call(Kind.LOSS, query).events
    assert isinstance(loss, Notice)
    assert loss.loss_reason == (102 if query == "r=102" else None)
    assert (loss.outcome, desk.account.held) == ("counted", 0)


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("r=${AUCTION_LOSS}", Outcome.UNEXPANDED),
        ("r=%24%7BAUCTION_LOSS%7D&p=1", Outcome.UNEXPANDED),
        ("r=102&p=${AUCTION_PRICE}", Outcome.UNEXPANDED),
        ("r=102&p=AUDIT", Outcome.AUDIT),
        ("r=AUDIT&p=${AUCTION_PRICE}", Outcome.AUDIT),
        ("r=1&r=102", Outcome.AMBIGUOUS),
    ],
)
def test_a_loss_that_nobody_filled_in_gives_no_hold_back(query: str, outcome: Outcome) -> None:
    desk = Desk()
    desk.book.hold(ticket())
    assert desk.call(Kind.LOSS, query).outcome is outcome
    assert desk.account.held == 2500


def test_a_loss_after_a_win_gives_no_hold_back() -> None:
    desk = Desk()
    desk.call(Kind.WIN, "p=1.70")
    assert desk.call(Kind.LOSS, "r=102").outcome is Outcome.CONTRADICTED
    assert desk.account.held == 2500


@pytest.mark.parametrize("event", list(Billable))
def test_a_win_notice_with_a_reason_is_a_loss_and_is_never_billed(event: Billable) -> None:
    desk = Desk()
    desk.book.hold(billed_on(event))
    receipt = desk.call(Kind.WIN, "p=1.70&r=102&m=2.61", billed_on(event))
    (loss,) = receipt.events
    assert isinstance(loss, Notice)
    assert (loss.kind, loss.outcome, loss.loss_reason, loss.min_to_win_micros) == ("loss", "counted", 102, 2610)
    assert (receipt.status, receipt.money, receipt.body) == (204, None, None)
    assert (desk.account.held, desk.account.spent) == (0, 0)
    assert desk.counted() == {"loss counted": 1}


@pytest.mark.parametrize("reason", ["r=0", "r=", "r=000"])
def test_a_win_notice_with_the_reason_of_a_win_or_none_is_a_win(reason: str) -> None:
    desk = Desk()
    (win,) = desk.call(Kind.WIN, f"p=1.70&{reason}").events
    assert isinstance(win, Notice)
    assert (win.kind, win.outcome) == ("win", "unrecorded")


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("r=${AUCTION_LOSS}", Outcome.UNEXPANDED),
        ("r=0&r=102", Outcome.AMBIGUOUS),
        ("r=AUDIT", Outcome.AUDIT),
        ("r=lost", Outcome.NOT_A_NUMBER),
        ("r=-1", Outcome.NOT_A_NUMBER),
    ],
)
def test_a_win_notice_that_tells_neither_win_nor_loss_moves_no_money(reason: str, outcome: Outcome) -> None:
    desk = Desk()
    bought = billed_on(Billable.NURL)
    desk.book.hold(bought)
    receipt = desk.call(Kind.WIN, f"p=1.70&{reason}", bought)
    assert (receipt.outcome, receipt.money) == (outcome, None)
    assert (desk.account.held, desk.account.spent) == (2500, 0)


@pytest.mark.parametrize("kind", [Kind.WIN, Kind.BILLING, Kind.LOSS])
def test_what_is_no_ticket_is_refused_counted_and_not_recorded(kind: Kind) -> None:
    desk = Desk()
    cases = [
        (desk.signer.sign(ticket()).tracking, 403, Outcome.BAD_SIGNATURE),
        (signer(OTHER_KEY).sign(ticket()).notice, 403, Outcome.UNKNOWN_KEY),
        ("nonsense", 400, Outcome.MALFORMED),
    ]
    for text, status, outcome in cases:
        receipt = desk.call(kind, "p=1.70", text=text)
        assert (receipt.status, receipt.outcome) == (status, outcome)
        assert (receipt.bid_id, receipt.events, receipt.money) == (None, (), None)
    assert desk.counted() == {f"{kind} {outcome}": 1 for _, _, outcome in cases}
    assert (desk.money(), desk.book.remembered) == ((0, 0), 0)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "query", ["p=1&x=" + "x" * MAX_QUERY_CHARS, "&".join(f"x{n}=" for n in range(MAX_FIELDS + 1))], ids=["long", "many"]
)
def test_a_query_that_is_too_large_is_refused(kind: Kind, query: str) -> None:
    desk = Desk()
    receipt = desk.call(kind, query)
    assert (receipt.status, receipt.outcome, desk.money()) == (414, Outcome.OVERSIZED, (0, 0))
    assert desk.counted() == {f"{kind} oversized": 1}


@pytest.mark.parametrize("kind", [Kind.IMPRESSION, Kind.CLICK, Kind.CONVERSION])
def test_notices_do_not_take_what_tracking_is_for_nor_the_other_way_round(kind: Kind) -> None:
    desk = Desk()
    with pytest.raises(ValueError, match=kind):
        desk.notices.receive(kind, desk.text(kind), "", desk.now_s)
    with pytest.raises(ValueError, match="win"):
        desk.tracking.receive(Kind.WIN, desk.text(Kind.WIN), "", desk.now_s)


@pytest.mark.parametrize(
    ("cpm", "rate", "micros"),
    [
        ("1.70", RATE_UNIT, 1700),
        ("0.001", RATE_UNIT, 1),
        ("0.0001", RATE_UNIT, 1),
        ("0", RATE_UNIT, 0),
        ("2.2600000001", RATE_UNIT, 2260),
        ("2.00", 1_080_000_000, 2160),
        ("2.001", 1_080_000_000, 2162),
        ("150", 6_700_000, 1005),
    ],
)
def test_prices_come_in_the_currency_of_the_bid_and_are_booked_in_that_of_the_account(
    cpm: str, rate: int, micros: int
) -> None:
    assert plain(read_price(cpm), rate).micros == micros
    desk = Desk()
    desk.call(Kind.BILLING, f"p={cpm}", ticket(currency="EUR", rate=rate))
    assert desk.money() == (micros, 0)


@given(wire=st.integers(1, 10**9), rate=st.integers(1, 10**13))
def test_a_bid_that_clears_at_its_own_price_is_never_over_its_hold(wire: int, rate: int) -> None:
    """The hold is the bid in the account currency, rounded up, as the auction makes it."""
    hold = -(-wire * rate // RATE_UNIT)
    clearing = plain(read_price(f"{wire // 1000}.{wire % 1000:03}"), rate).micros
    assert clearing is not None
    assert clearing <= hold


def test_a_price_too_large_for_a_record_is_told_as_text_only() -> None:
    desk = Desk()
    receipt = desk.call(Kind.WIN, "p=9223372036854", ticket(rate=60_000 * RATE_UNIT))
    (win,) = receipt.events
    assert isinstance(win, Notice)
    assert (win.price_micros, win.price_text) == (None, "9223372036854")
