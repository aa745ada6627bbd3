"""The URLs of a bid."""

from urllib.parse import parse_qs, urlsplit

import pytest

from bidder.domain.landing import MAX_CHARS
from bidder.domain.links import Kind, LinkBuilder, landing_query, with_minimum
from bidder.domain.ticket import Signed, Use
from bidder.web.notice_query import MAX_QUERY_CHARS
from openrtb.macros import Macro, find, misspelt
from tests.domain.tickets import LANDING, signer, ticket

BASE = "https://bidder.example"


def test_the_urls_of_a_bid_are_put_together_from_base_ticket_and_macros() -> None:
    links = LinkBuilder(BASE).links(Signed("NOTICE", "TRACKING"), "?to=x&sig=y")
    assert links.win == f"{BASE}/win/NOTICE?p=${{AUCTION_PRICE}}"
    assert links.billing == f"{BASE}/bill/NOTICE?p=${{AUCTION_PRICE}}"
    assert links.loss == f"{BASE}/loss/NOTICE?r=${{AUCTION_LOSS}}&m=${{AUCTION_MIN_TO_WIN}}&p=${{AUCTION_PRICE}}"
    assert links.impression == f"{BASE}/imp/TRACKING?p=${{AUCTION_PRICE}}"
    assert links.click == f"{BASE}/click/TRACKING?to=x&sig=y"
    assert LinkBuilder(BASE).conversion("TRACKING") == f"{BASE}/conv/TRACKING"


def test_the_macros_are_those_that_exchanges_replace() -> None:
    loss = LinkBuilder(BASE).links(signer().sign(ticket()), "").loss
    assert [found.macro for found in find(loss)] == [
        Macro.AUCTION_LOSS,
        Macro.AUCTION_MIN_TO_WIN,
        Macro.AUCTION_PRICE,
    ]
    assert not misspelt(loss)


def test_the_win_notice_that_tells_of_losses_asks_for_the_reason_and_what_would_have_won() -> None:
    links = LinkBuilder(BASE).links(signer().sign(ticket()), "")
    macros = [found.macro for found in find(links.outcome)]
    assert macros == [Macro.AUCTION_PRICE, Macro.AUCTION_LOSS, Macro.AUCTION_MIN_TO_WIN]
    assert links.outcome.startswith(links.win)


def test_what_would_have_won_may_have_another_name() -> None:
    loss = LinkBuilder(BASE).links(Signed("NOTICE", "TRACKING"), "").loss
    other = with_minimum(loss, "AUCTION_MINIMUM_BID_TO_WIN")
    assert other == loss.replace("AUCTION_MIN_TO_WIN", "AUCTION_MINIMUM_BID_TO_WIN")


def test_a_base_url_with_a_slash_at_the_end_is_the_same_base() -> None:
    signed = signer().sign(ticket())
    assert LinkBuilder(BASE + "/").links(signed, "") == LinkBuilder(BASE).links(signed, "")


@pytest.mark.parametrize("landing", [LANDING, "https://shop.example/?a=b&c=100%25+1", "https://shop.example/ü?$=;"])
def test_the_landing_page_comes_back_out_of_the_click_url(landing: str) -> None:
    query = landing_query(signer(), "shoes", "banner", landing)
    url = LinkBuilder(BASE).links(signer().sign(ticket()), query).click
    parameters = parse_qs(urlsplit(url).query)
    assert parameters["to"] == [landing]
    assert signer().is_landing_of("shoes", "banner", landing, parameters["sig"][0])


def test_the_query_of_the_longest_landing_page_is_not_too_long_to_be_read() -> None:
    longest = "https://shop.example/?" + "&" * (MAX_CHARS - 22)
    assert len(landing_query(signer(), "shoes", "banner", longest)) <= MAX_QUERY_CHARS


def test_the_exchange_and_everybody_else_get_tickets_for_different_uses() -> None:
    assert {kind for kind in Kind if kind.use is Use.NOTICE} == {Kind.WIN, Kind.BILLING, Kind.LOSS}
