"""Clearing prices as exchanges tell them: ciphered, discounted, in currencies of their own; and what is none."""

from collections.abc import Sequence

import pytest

from bidder.domain.links import Kind
from bidder.domain.money import RATE_UNIT
from bidder.domain.outcome import Outcome
from bidder.domain.price_cipher import Key
from bidder.domain.ticket import Billable, Ticket
from bidder.events.schema import Notice
from bidder.web.prices import PPB, Agreement, Prices, Told
from tests.domain.sealed_prices import KEY, OTHER_KEY, sealed
from tests.domain.tickets import NOW_S, ticket
from tests.web.notice_desk import Desk, Records, web_port

ADX = "adx"
"""The exchange of the tickets."""


def ciphered(*keys: Key, **terms: int) -> Prices:
    return Prices({ADX: Agreement(lambda: keys or (KEY,), **terms)})


def told(prices: Prices, text: str, bid: Ticket | None = None, now_s: float = NOW_S) -> Told:
    return prices.read(text, bid or ticket(), now_s)


def test_a_ciphered_price_is_micros_for_one_impression_and_not_a_cpm() -> None:
    assert told(ciphered(), sealed(1_700, NOW_S)) == Told(1_700)


def test_an_exchange_without_an_agreement_tells_a_cpm() -> None:
    assert told(Prices(), "1.70") == Told(1_700)
    assert told(Prices({"other": Agreement(lambda: (KEY,))}), "1.70") == Told(1_700)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", Outcome.EMPTY),
        ("AUDIT", Outcome.AUDIT),
        ("${AUCTION_PRICE}", Outcome.UNEXPANDED),
        ("%%WINNING_PRICE%%", Outcome.UNEXPANDED),
        ("1.70", Outcome.NOT_A_NUMBER),
        (sealed(1_700, NOW_S)[:-1], Outcome.NOT_A_NUMBER),
        (sealed(1_700, NOW_S, key=OTHER_KEY), Outcome.UNKNOWN_SIGNER),
        (sealed(-1, NOW_S), Outcome.NEGATIVE),
        (sealed(1_700, NOW_S - 3_601), Outcome.STALE),
        (sealed(1_700, NOW_S + 3_601), Outcome.STALE),
    ],
)
def test_a_ciphered_price_that_is_none_says_why(text: str, outcome: Outcome) -> None:
    assert told(ciphered(), text) == Told(outcome=outcome)


def test_a_price_serves_one_bid_only_however_often_that_one_is_told() -> None:
    prices, text = ciphered(), sealed(1_700, NOW_S)
    assert told(prices, text).micros == told(prices, text).micros == 1_700
    assert told(prices, text, ticket(bid_id=2)) == Told(outcome=Outcome.REPLAYED)
    assert told(prices, sealed(1_700, NOW_S, serial=1), ticket(bid_id=2)).micros == 1_700


def test_what_was_replayed_is_remembered_over_an_edit_of_the_agreement() -> None:
    prices, text = ciphered(), sealed(1_700, NOW_S)
    told(prices, text)
    prices.serve({ADX: Agreement(lambda: (KEY,), billed_ppb=PPB // 2)})
    assert told(prices, text, ticket(bid_id=2)).outcome is Outcome.REPLAYED


def test_keys_are_read_again_when_none_opens_a_price_but_not_more_than_once_a_second() -> None:
    kept, readings = [KEY], []

    def read() -> Sequence[Key]:
        readings.append(1)
        return tuple(kept)

    prices = Prices({ADX: Agreement(read)})
    assert told(prices, sealed(1, NOW_S)).micros == 1
    kept.append(OTHER_KEY)
    rotated = sealed(2, NOW_S, key=OTHER_KEY, serial=1)
    assert told(prices, rotated, now_s=NOW_S + 0.5).outcome is Outcome.UNKNOWN_SIGNER
    assert told(prices, rotated, now_s=NOW_S + 1.5).micros == 2
    assert len(readings) == 2


def test_keys_that_cannot_be_read_leave_the_price_without_a_signer() -> None:
    def read() -> Sequence[Key]:
        raise OSError("no such file")

    assert told(Prices({ADX: Agreement(read)}), sealed(1, NOW_S)).outcome is Outcome.UNKNOWN_SIGNER


def test_a_discount_is_taken_off_and_rounded_in_favour_of_the_exchange() -> None:
    assert told(Prices({ADX: Agreement(billed_ppb=PPB * 9 // 10)}), "1.701") == Told(1_531)


def test_prices_come_in_the_currency_of_the_bid_unless_the_exchange_has_one_of_its_own() -> None:
    bid = ticket(rate=2 * RATE_UNIT)
    assert told(Prices(), "1.00", bid) == Told(2_000)
    assert told(Prices({ADX: Agreement(rate=3 * RATE_UNIT)}), "1.00", bid) == Told(3_000)
    assert told(ciphered(rate=3 * RATE_UNIT), sealed(1_000, NOW_S), bid) == Told(3_000)


async def test_ciphered_prices_are_booked_over_the_real_web_port_and_those_that_are_none_are_not() -> None:
    desk = Desk(prices=ciphered())
    async with web_port(desk) as port:
        bill = port.links.billing.partition("?")[0]
        for price in (sealed(1_700, NOW_S, key=OTHER_KEY), sealed(-5, NOW_S), sealed(1_700, NOW_S - 9_999), "1.70"):
            assert (await port.get(f"{bill}?p={price}")).status == 204
        assert desk.money() == (0, 0)
        for _ in range(2):
            assert (await port.get(f"{bill}?p={sealed(1_700, NOW_S)}")).status == 204
    assert desk.money() == (1_700, 0)
    assert desk.counted() == {
        "bill unknown_signer": 1,
        "bill negative": 1,
        "bill stale": 1,
        "bill not_a_number": 1,
        "bill unrecorded": 1,
        "bill repeated": 1,
    }
    recorded = [each for each in events_of(port.records) if each.outcome == "stale"]
    assert recorded[0].price_text.startswith(sealed(1_700, NOW_S - 9_999)[:20])


async def test_an_absurd_ciphered_price_is_booked_at_the_bid_and_alarms() -> None:
    desk = Desk(prices=ciphered())
    async with web_port(desk) as port:
        bill = port.links.billing.partition("?")[0]
        assert (await port.get(f"{bill}?p={sealed(2**63 - 1, NOW_S)}")).status == 204
    assert desk.money() == (ticket().price_micros, 0)
    assert desk.counted() == {"bill over_hold": 1}


def test_a_win_tells_its_price_and_a_win_notice_that_bills_books_it() -> None:
    desk = Desk(prices=ciphered())
    receipt = desk.call(Kind.WIN, f"p={sealed(1_700, NOW_S)}", ticket(billable=Billable.NURL))
    assert isinstance(receipt.events[0], Notice)
    assert receipt.events[0].price_micros == 1_700
    assert desk.money() == (1_700, 0)


@pytest.mark.parametrize(
    "outcome", [Outcome.UNKNOWN_SIGNER, Outcome.STALE, Outcome.REPLAYED, Outcome.OVER_HOLD, Outcome.NEGATIVE]
)
def test_prices_that_are_not_to_be_trusted_alarm(outcome: Outcome) -> None:
    assert outcome.alarming


def events_of(records: Records) -> list[Notice]:
    return [event for event in records.events if isinstance(event, Notice)]
