"""Macros: what the exchange puts where the bidder left a token."""

import pytest

from bidder.lab.exchange.clearing import Outcome
from bidder.lab.exchange.substitution import Auctioned, audit_values, macro_values, price_text, substitute
from openrtb.enums import LossReasonCodes
from openrtb.macros import Macro
from openrtb.response import Bid

AUCTIONED = Auctioned(auction_id="7-1", bidid="answer", currency="EUR", seat="seat 1")
BID = Bid(id="b", impid="2", price=2.0, adid="ad-9")
EVERYTHING = "http://a.example/?" + "&".join(f"{macro.lower()}={macro.token()}" for macro in Macro)


def won(price_cpm_micros: int = 1_510_000) -> Outcome:
    return Outcome(BID, LossReasonCodes.BID_WON, price_cpm_micros, 1_501_000)


def lost() -> Outcome:
    return Outcome(BID, LossReasonCodes.LOST_TO_HIGHER_BID, min_to_win_cpm_micros=2_501_000)


@pytest.mark.parametrize(
    ("cpm_micros", "text"), [(1_510_000, "1.51"), (2_000_000, "2"), (1, "0.000001"), (0, "0"), (10_000_000, "10")]
)
def test_a_price_is_written_as_a_short_decimal(cpm_micros: int, text: str) -> None:
    assert price_text(cpm_micros) == text


@pytest.mark.parametrize(
    ("macro", "expected"),
    [
        (Macro.AUCTION_ID, "7-1"),
        (Macro.AUCTION_BID_ID, "answer"),
        (Macro.AUCTION_IMP_ID, "2"),
        (Macro.AUCTION_SEAT_ID, "seat 1"),
        (Macro.AUCTION_AD_ID, "ad-9"),
        (Macro.AUCTION_PRICE, "1.51"),
        (Macro.AUCTION_CURRENCY, "EUR"),
        (Macro.AUCTION_MBR, "0.7550"),
        (Macro.AUCTION_LOSS, "0"),
        (Macro.AUCTION_MIN_TO_WIN, "1.501"),
        (Macro.AUCTION_MULTIPLIER, "1"),
        (Macro.AUCTION_IMP_TS, "1700000000000"),
    ],
)
def test_a_winner_is_told(macro: Macro, expected: str) -> None:
    assert macro_values(AUCTIONED, won(), 1_700_000_000_000)[macro] == expected


def test_a_loser_is_told_why_and_what_would_have_won_but_not_the_price() -> None:
    text = "http://a.example/?p=${AUCTION_PRICE}&why=${AUCTION_LOSS}&min=${AUCTION_MIN_TO_WIN}"
    assert substitute(text, macro_values(AUCTIONED, lost(), 0)) == "http://a.example/?p=&why=102&min=2.501"


def test_no_token_stays_in_a_url() -> None:
    assert "${" not in substitute(EVERYTHING, macro_values(AUCTIONED, won(), 0))


def test_values_are_escaped_for_the_url_they_land_in() -> None:
    assert substitute("http://a.example/?seat=${AUCTION_SEAT_ID}", macro_values(AUCTIONED, won(), 0)).endswith(
        "seat%201"
    )


def test_markup_is_expanded_like_a_url() -> None:
    markup = '<img src="http://a.example/?p=${AUCTION_PRICE}&amp;q=${AUCTION_PRICE:B64}">'
    expanded = substitute(markup, macro_values(AUCTIONED, won(), 0))
    assert expanded == '<img src="http://a.example/?p=1.51&amp;q=MS41MQ%3D%3D">'


def test_an_audit_shows_no_price_at_all() -> None:
    assert substitute("p=${AUCTION_PRICE}&i=${AUCTION_ID}", audit_values(AUCTIONED, BID)) == "p=AUDIT&i=7-1"
