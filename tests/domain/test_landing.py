"""Landing pages: where a click may lead, and how its id is added."""

from typing import get_args
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.config.schema import Url
from bidder.domain.landing import MAX_CHARS, is_landing, with_parameter
from tests.domain.tickets import signer

EVIL = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://shop.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://",
    "https://?x",
    "https://[",
    "http://[::1",
    "\thttps://shop.example/",
    " https://shop.example/",
    "https://shop.example/\r\nSet-Cookie: a=b",
    "https://shop.example/\n",
    "https://shop.example/\x00",
    "https://shop.example/\x1b",
    "https://shop.example/a b",
    "https://shop.example\\@evil.example/",
    "https://shop.example@evil.example/",
    "https://shop.example/<script>",
    'https://shop.example/"onload="',
    "https://shop.example/" + "a" * MAX_CHARS,
    "",
]


@pytest.mark.parametrize("url", EVIL)
def test_a_click_never_leads_to_what_is_no_plain_web_page(url: str) -> None:
    assert not is_landing(url)


@pytest.mark.parametrize("url", EVIL)
def test_what_is_no_landing_page_is_never_signed(url: str) -> None:
    with pytest.raises(ValueError, match="landing page"):
        signer().sign_landing("shoes", "banner", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "http://shop.example:8080/a/b;c?d=e&f=%20#g",
        "https://[2001:db8::1]/",
        "https://shop.example/größe?x=日本",
    ],
)
def test_a_click_leads_to_a_web_page(url: str) -> None:
    assert is_landing(url)


@given(st.from_regex(get_args(Url)[1].pattern))
def test_every_landing_page_that_the_configuration_takes_can_be_signed_and_put_in_a_header(url: str) -> None:
    assert is_landing(url)
    assert with_parameter(url, "id", "X").isascii()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example", "https://shop.example?id=X"),
        ("https://shop.example/a", "https://shop.example/a?id=X"),
        ("https://shop.example/a?", "https://shop.example/a?id=X"),
        ("https://shop.example/a?b=c", "https://shop.example/a?b=c&id=X"),
        ("https://shop.example/a?b=c&", "https://shop.example/a?b=c&id=X"),
        ("https://shop.example/a#top", "https://shop.example/a?id=X#top"),
        ("https://shop.example/a?b=%2F#t?o", "https://shop.example/a?b=%2F&id=X#t?o"),
        ("https://shop.example/ö", "https://shop.example/%C3%B6?id=X"),
        ("https://shop.example/\u2028", "https://shop.example/%E2%80%A8?id=X"),
    ],
)
def test_a_parameter_is_added_to_the_query_and_nothing_else_changes(url: str, expected: str) -> None:
    assert with_parameter(url, "id", "X") == expected


def test_the_parameters_that_were_there_stay() -> None:
    url = with_parameter("https://shop.example/?a=1&b=%26", "id", "X")
    assert parse_qsl(urlsplit(url).query) == [("a", "1"), ("b", "&"), ("id", "X")]
