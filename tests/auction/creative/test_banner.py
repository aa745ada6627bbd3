"""Banner markup: where the URLs go, how they are escaped, which size is named."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bidder.auction.creative import render
from tests.auction.creative.builders import LINKS, prepared, slot


class Seen(HTMLParser):
    """The tags with their attributes, the scripts, and the text between tags."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts.append(data)

    def attribute(self, tag: str, name: str) -> str:
        """The attribute of the first such tag."""
        return next(attrs[name] for found, attrs in self.tags if found == tag) or ""


def markup(html: str) -> str:
    shown = prepared("banner", image=None, html=html)
    return render(shown, slot("banner"), LINKS).adm


def test_an_image_links_to_the_click_url_and_a_pixel_tells_of_the_impression() -> None:
    adm = render(prepared("banner", image="https://cdn.brand.com/a.png?x=1&y=2"), slot("banner"), LINKS).adm
    link, image, pixel = Seen(adm).tags
    assert link == ("a", {"href": LINKS.click, "target": "_blank", "rel": "noopener"})
    assert {name: image[1][name] for name in ("src", "width", "height")} == {
        "src": "https://cdn.brand.com/a.png?x=1&y=2",
        "width": "300",
        "height": "250",
    }
    assert pixel[0] == "img"
    assert (pixel[1]["src"], pixel[1]["width"], pixel[1]["height"]) == (LINKS.impression, "1", "1")


def test_the_price_macro_stays_as_the_exchange_looks_for_it() -> None:
    assert "${AUCTION_PRICE}" in render(prepared("banner"), slot("banner"), LINKS).adm


def test_every_click_place_is_filled() -> None:
    seen = Seen(markup('<a href="{click}">a</a><a href="{click}">b</a>'))
    assert [attrs["href"] for tag, attrs in seen.tags if tag == "a"] == [LINKS.click, LINKS.click]


@pytest.mark.parametrize("html", ["<a href='{click}'>", '<a href="{click}">', "<a href={click}>"])
def test_a_click_url_as_an_attribute_is_that_url(html: str) -> None:
    assert Seen(markup(html)).attribute("a", "href") == LINKS.click


def test_a_click_url_inside_another_url_is_one_parameter_of_it() -> None:
    href = Seen(markup('<a href="https://x.example/r?a=1&amp;u={click}&amp;b=2">x</a>')).attribute("a", "href")
    assert parse_qs(urlsplit(href).query) == {"a": ["1"], "u": [LINKS.click], "b": ["2"]}


def test_a_click_url_in_a_script_is_a_string_of_it() -> None:
    (script,) = Seen(markup('<script>var clickTag = "{click}";</script>')).scripts
    assert script == 'var clickTag = "' + LINKS.click.replace("&", "\\u0026") + '";'


def test_a_click_url_in_an_event_handler_is_a_string_of_its_script() -> None:
    handler = Seen(markup("<div onclick=\"window.open('{click}')\">")).attribute("div", "onclick")
    assert handler == "window.open('" + LINKS.click.replace("&", "\\u0026") + "')"


def test_a_click_url_in_a_javascript_url_is_a_string_of_its_script() -> None:
    href = Seen(markup("<a href=\"javascript:open('{click}')\">")).attribute("a", "href")
    assert href == "javascript:open('" + LINKS.click.replace("&", "\\u0026") + "')"


@pytest.mark.parametrize(
    "html",
    [
        "<p>x</p>",
        "<!DOCTYPE html><html><body><p>x</p></body></html>",
        "<html><BODY><p>İ</p></BODY ></html></body>",
        "<p>x</p><!-- open",
        "<script>var open = 1;",
        "<style>p{",
        "<textarea>",
        '<a title="',
        "<a title='",
        "<p",
        "<![if x",
        "<?xml",
        "</body>",
        "<!-- </body> -->",
    ],
)
def test_the_pixel_shows_whatever_the_html_leaves_open(html: str) -> None:
    adm = markup(html)
    assert LINKS.impression in [attrs.get("src") for tag, attrs in Seen(adm).tags if tag == "img"]
    assert adm.count("<img") == 1


@pytest.mark.parametrize("end", ["</body>", "</BODY>"])
def test_the_pixel_of_a_document_is_inside_its_body(end: str) -> None:
    adm = markup(f"<html><body>a{end}<!-- b --></html>")
    assert adm.index("<img") < adm.index(end)


@pytest.mark.parametrize(
    ("size", "asked", "expected"),
    [
        ("300x250", {"w": 300, "h": 250}, (300, 250, None, None)),
        ("300x250", {"w": None, "h": None}, (300, 250, None, None)),
        ("300x250", {"w": 728, "h": 90, "format": [{"w": 300, "h": 250}]}, (300, 250, None, None)),
        ("320x240", {"w": 728, "h": 90, "format": [{"wratio": 4, "hratio": 3, "wmin": 9}]}, (320, 240, 4, 3)),
        (None, {"w": 728, "h": 90, "format": [{"w": 970, "h": 250}]}, (970, 250, None, None)),
        (None, {"w": 728, "h": 90}, (728, 90, None, None)),
        (None, {"w": None, "h": None}, (None, None, None, None)),
        (None, {"w": None, "h": None, "format": [{"wratio": 4, "hratio": 3, "wmin": 300}]}, (300, 225, 4, 3)),
        (None, {"w": None, "h": None, "format": [{"wratio": 4, "hratio": 3}]}, (None, None, 4, 3)),
        (None, {"w": 1, "h": 2, "format": [{"wratio": 4, "hratio": 3}]}, (1, 2, None, None)),
    ],
)
def test_the_bid_names_the_size_or_ratio_it_answers(size: str | None, asked: dict[str, Any], expected: Any) -> None:
    shown = prepared("banner", image=None, html='<a href="{click}">x</a>', size=size)
    rendered = render(shown, slot("banner", **asked), LINKS)
    assert (rendered.w, rendered.h, rendered.wratio, rendered.hratio) == expected
    assert rendered.mtype == 1


def test_attributes_and_frameworks_are_declared() -> None:
    rendered = render(prepared("banner", attr=(13,), api=(5,)), slot("banner", api=[5]), LINKS)
    assert (tuple(rendered.attr), tuple(rendered.apis)) == ((13,), (5,))
