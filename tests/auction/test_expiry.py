"""How long a bid is open."""

import pytest

from bidder.auction.expiry import LONGEST_SECONDS, hold_seconds, longest_seconds
from bidder.config.schema import Exchange, Format
from openrtb.imp import Imp

USUAL = Exchange(currencies=("USD",))
AGREED = Exchange(currencies=("USD",), exp_seconds=600, exp_seconds_of={"banner": 90, "video": 2400})
FORMATS: tuple[Format, ...] = ("banner", "native", "video", "audio")


def imp(exp: int | None = None, instl: int = 0) -> Imp:
    return Imp(id="1", exp=exp, instl=instl)


@pytest.mark.parametrize(("in_browser", "seconds"), [(True, [60, 60, 1800, 1800]), (False, [300, 600, 1800, 1800])])
def test_without_agreement_the_format_and_the_place_decide(in_browser: bool, seconds: list[int]) -> None:
    assert [hold_seconds(USUAL, kind, imp(), in_browser=in_browser) for kind in FORMATS] == seconds


def test_without_agreement_an_interstitial_waits_for_half_an_hour() -> None:
    assert hold_seconds(USUAL, "banner", imp(instl=1), in_browser=True) == 1800


@pytest.mark.parametrize(("exp", "seconds"), [(45, 45), (900, 900), (7200, LONGEST_SECONDS), (0, 60), (-5, 60)])
def test_without_agreement_the_imp_is_believed_up_to_a_limit(exp: int, seconds: int) -> None:
    assert hold_seconds(USUAL, "banner", imp(exp), in_browser=True) == seconds


@pytest.mark.parametrize(
    ("kind", "exp", "seconds"),
    [("banner", None, 90), ("video", None, 2400), ("audio", None, 600), ("audio", 9000, 600)],
)
def test_an_agreement_is_the_most_whatever_the_imp_says(kind: Format, exp: int | None, seconds: int) -> None:
    assert hold_seconds(AGREED, kind, imp(exp), in_browser=True) == seconds
    assert hold_seconds(AGREED, kind, imp(30), in_browser=True) == 30


@pytest.mark.parametrize("exchange", [USUAL, AGREED])
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("exp", [None, 1, 86_400])
def test_no_bid_is_open_longer_than_the_longest(exchange: Exchange, kind: Format, exp: int | None) -> None:
    held = hold_seconds(exchange, kind, imp(exp, instl=1), in_browser=False)
    assert held <= longest_seconds(exchange)


def test_the_longest_is_what_was_agreed_for_some_format() -> None:
    assert (longest_seconds(USUAL), longest_seconds(AGREED)) == (1800, 2400)
