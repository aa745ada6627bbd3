"""Routes: nothing leaves this machine."""

import pytest

from bidder.lab.exchange.routes import NotLoopbackError, Routes, is_loopback, loopback_url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])
def test_loopback_hosts_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["128.0.0.1", "10.0.0.1", "0.0.0.0", "::2", "localhost.example", "bidder.example", ""])
def test_other_hosts_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://bidder.example/bid",
        "http://192.0.2.1:8000/",
        "ftp://127.0.0.1/",
        "127.0.0.1:8000",
        "http://",
        "",
        "http://127.0.0.1@bidder.example/",
        "http://127.0.0.1:99999/",
    ],
)
def test_a_url_elsewhere_is_refused_and_named(url: str) -> None:
    with pytest.raises(NotLoopbackError, match="is not on this machine"):
        loopback_url(url)


def test_a_public_origin_leads_to_the_loopback_origin_behind_it() -> None:
    routes = Routes({"https://ads.example": "http://127.0.0.1:8080"})
    found = routes.resolve("https://ads.example/w?t=a%2Bb%20c&p=1.5")
    assert found is not None
    assert (str(found.url), found.host) == ("http://127.0.0.1:8080/w?t=a%2Bb%20c&p=1.5", "ads.example")


def test_a_loopback_url_leads_where_it_says() -> None:
    found = Routes().resolve("http://127.0.0.1:8080/w?t=a%2Bb")
    assert found is not None
    assert (str(found.url), found.host) == ("http://127.0.0.1:8080/w?t=a%2Bb", None)


def test_a_url_without_scheme_is_taken_as_https() -> None:
    assert Routes({"https://ads.example": "http://127.0.0.1:8080"}).resolve("//ads.example/pixel") is not None


@pytest.mark.parametrize(
    "url",
    ["https://cdn.example/x.png", "http://ads.example/w", "https://ads.example:444/w", "mailto:a@b.example", "", "/w",
     "javascript:alert(1)", "http://[::1/"],
)  # fmt: skip
def test_whatever_else_leads_nowhere(url: str) -> None:
    assert Routes({"https://ads.example": "http://127.0.0.1:8080"}).resolve(url) is None


def test_an_origin_cannot_be_mapped_off_this_machine() -> None:
    with pytest.raises(NotLoopbackError):
        Routes({"https://ads.example": "https://bidder.example"})
