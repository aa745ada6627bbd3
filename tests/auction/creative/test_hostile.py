"""Text that means harm stays text: nothing in a creative, a link or an imp breaks out of its place."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bidder.auction.creative import misfit, prepare, render, slots_of
from bidder.auction.creative.markup.escape import attribute, cdata, clean_url, parameter, script, xml_text
from bidder.config.schema import Creative
from bidder.domain.links import Links
from bidder.domain.reason import Reason
from openrtb import decode_native_response
from tests.auction.creative.builders import LINKS, native_imp, prepared, request, xml
from tests.auction.creative.generated import HARMFUL, creatives
from tests.auction.creative.test_banner import Seen

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WIDE_OPEN: dict[str, Any] = {
    "banner": {},
    "video": {"mimes": []},
    "audio": {"mimes": []},
    **native_imp(
        [
            {"id": 1, "title": {}},
            {"id": 2, "img": {"type": 3, "wmin": 1, "hmin": 1}},
            {"id": 3, "data": {"type": 1}},
            {"id": 4, "data": {"type": 2}},
        ]
    ),
}


def rendering(shown: Creative) -> str:
    """The markup for an imp that asks for nothing in particular."""
    free = msgspec.structs.replace(shown, api=(), expandable=(), approval=type(shown.approval)())
    ready, asked = prepare(free, "c"), request(WIDE_OPEN)
    slot = next(each for each in slots_of(asked.imp[0], asked) if each.format == shown.format)
    assume(misfit(ready, slot, "x", ()) is Reason.BID)
    return render(ready, slot, LINKS).adm


def of_format(*formats: str) -> st.SearchStrategy[Creative]:
    return creatives(HARMFUL, formats)


@given(of_format("video", "audio"))
@settings(max_examples=300, deadline=None)
def test_vast_parses_and_holds_what_the_creative_says(shown: Creative) -> None:
    root = xml(rendering(shown))
    ad = root.find("Ad")
    assert ad is not None
    said = NOT_XML.sub("", shown.id)
    assert _spaced(ad.get("id") or "") == _spaced(said)
    assert root.findtext(".//Impression") == LINKS.impression
    for path in (".//ClickThrough", ".//ClickTracking", ".//NonLinearClickTracking"):
        assert root.findtext(path) in {None, LINKS.click}
    urls = [element.text for element in root.iter() if element.tag in {"MediaFile", "VASTAdTagURI", "DAASTAdTagURI"}]
    assert set(urls) <= {clean_url(url) for url in (*(each.url for each in shown.media), shown.vast_url or "")}
    assert urls


def _spaced(text: str) -> str:
    """As XML reads an attribute: each white space character is a space, CR LF is one."""
    return re.sub("[\t\n\r]", " ", text.replace("\r\n", "\n"))


@given(of_format("banner").filter(lambda each: each.image is not None))
@settings(max_examples=200, deadline=None)
def test_an_image_banner_is_three_tags_whatever_its_address(shown: Creative) -> None:
    tags = Seen(rendering(shown)).tags
    assert [tag for tag, _ in tags] == ["a", "img", "img"]
    assert tags[0][1]["href"] == LINKS.click
    assert tags[1][1]["src"] == clean_url(shown.image or "")
    assert tags[2][1]["src"] == LINKS.impression


@given(of_format("banner").filter(lambda each: each.html is not None))
@settings(max_examples=300, deadline=None)
def test_an_html_banner_keeps_its_html_and_shows_its_pixel(shown: Creative) -> None:
    adm = rendering(shown)
    seen = Seen(adm)
    assert LINKS.impression in [attrs.get("src") for tag, attrs in seen.tags if tag == "img"]
    assert LINKS.click in [attrs.get("href") for tag, attrs in seen.tags if tag == "a"]
    assert "{click}" not in adm
    pieces = [re.escape(piece) for piece in (shown.html or "").split("{click}")]
    assert re.search("[^<>\"']*".join(pieces), re.sub(r'<img src="https://t\.example/imp[^>]*>', "", adm), re.DOTALL)


@given(of_format("native"))
@settings(max_examples=300, deadline=None)
def test_native_decodes_to_exactly_the_texts_and_addresses_of_the_creative(shown: Creative) -> None:
    adm = rendering(shown)
    assert json.loads(adm)
    answer = decode_native_response(adm)
    assets = {asset.id: asset for asset in answer.assets or ()}
    native, title, image = shown.native, assets[1].title, assets[2].img
    assert native is not None
    assert title is not None
    assert image is not None
    assert title.text == native.title
    assert image.url == clean_url(native.images[0].url)
    for number, text in ((3, native.sponsored), (4, native.description)):
        data = assets[number].data if number in assets else None
        assert (data.value if data is not None else None) == text
    assert answer.link is not None
    assert answer.link.url == LINKS.click


@given(HARMFUL)
@settings(deadline=None)
def test_an_escaped_attribute_reads_back_as_it_was(text: str) -> None:
    text = re.sub("[\x00\r\x80-\x9f]", "", text)  # which HTML cannot hold as they are
    for quote in "\"'":
        ((_, attrs),) = Seen(f"<a href={quote}{attribute(text)}{quote}>").tags
        assert attrs == {"href": text}


@given(HARMFUL)
@settings(deadline=None)
def test_escaped_xml_reads_back_without_what_xml_cannot_hold(text: str) -> None:
    read = xml(f'<a b="{xml_text(text)}"/>').get("b")
    assert read == _spaced(NOT_XML.sub("", text))


@given(HARMFUL)
@settings(deadline=None)
def test_a_cdata_section_reads_back_as_it_was(text: str) -> None:
    text = NOT_XML.sub("", text).replace("\r", "")
    assert (xml(f"<a><![CDATA[{cdata(text)}]]></a>").text or "") == text


@given(HARMFUL)
@settings(deadline=None)
def test_an_escaped_script_string_ends_where_it_should(text: str) -> None:
    escaped = script(re.sub("[\x00-\x1f\u2028\u2029]", "", text))
    assert not set(escaped) & set("\"'`<>&")
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), escaped.replace("\\\\", "\x00"))
    assert plain.replace("\x00", "\\") == re.sub("[\x00-\x1f\u2028\u2029]", "", text)


@given(HARMFUL)
@settings(deadline=None)
def test_a_cleaned_url_has_no_character_that_ends_it(text: str) -> None:
    assert not set(clean_url(text)) & set(' \t\r\n\x00"<>\\^`{|}')


def test_links_are_escaped_as_a_creative_is() -> None:
    evil = "https://t.example/x?a=\"><script>'&b=]]>\\"
    links = Links(evil, evil, evil, evil, evil)
    asked = request(WIDE_OPEN)
    banner, video, _, native = slots_of(asked.imp[0], asked)
    tags = Seen(render(prepared("banner"), banner, links).adm).tags
    assert (tags[0][1]["href"], tags[2][1]["src"]) == (evil, evil)
    root = xml(render(prepared("video"), video, links).adm)
    assert (root.findtext(".//Impression"), root.findtext(".//ClickThrough")) == (evil, evil)
    answer = json.loads(render(prepared("native"), native, links).adm)
    assert (answer["link"]["url"], answer["imptrackers"]) == (evil, [evil])


def test_a_parameter_of_a_query_is_one_parameter() -> None:
    url = "https://t.example/c?a=1&b=%2F;c=+#d"
    assert parse_qs(f"u={parameter(url)}&z=1", separator="&") == {"u": [url], "z": ["1"]}
