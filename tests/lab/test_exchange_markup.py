"""Markup: the pixels a browser would load and the page a click would open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.lab.exchange.markup import Markup, read_markup

VAST = """<?xml version="1.0"?>
<VAST version="3.0"><Ad id="1"><InLine>
  <Impression id="x"><![CDATA[ https://t.example/i?a=1&b=2 ]]></Impression>
  <Impression>https://t.example/second?a=1&amp;b=2</Impression>
  <Creatives><Creative><Linear><VideoClicks>
    <ClickThrough><![CDATA[https://t.example/click]]></ClickThrough>
    <ClickTracking>https://t.example/told</ClickTracking>
  </VideoClicks></Linear></Creative></Creatives>
</InLine></Ad></VAST>"""


def test_html_pixels_are_images_frames_and_scripts_in_order() -> None:
    html = (
        "<div><IMG SRC=\"https://t.example/i?a=1&amp;b=2\"><iframe src='https://t.example/f'></iframe>"
        "<script src=https://t.example/s></script><img alt=x></div>"
    )
    assert read_markup(html).pixels == ("https://t.example/i?a=1&b=2", "https://t.example/f", "https://t.example/s")


def test_a_click_on_html_opens_the_first_link() -> None:
    html = '<a name="top"></a><a href="https://t.example/c?x=1&amp;y=2">buy</a><a href="https://other.example/">no</a>'
    assert read_markup(html).click == "https://t.example/c?x=1&y=2"


def test_what_stands_in_comments_and_scripts_is_not_loaded() -> None:
    html = '<!-- <img src="https://t.example/1"> --><script>var x = \'<img src="https://t.example/2">\'</script>'
    assert read_markup(html).pixels == ()


def test_vast_impressions_and_clicks_are_found() -> None:
    assert read_markup(VAST) == Markup(
        pixels=("https://t.example/i?a=1&b=2", "https://t.example/second?a=1&b=2"),
        click="https://t.example/click",
        click_trackers=("https://t.example/told",),
    )


def test_vast_with_a_document_type_is_not_read() -> None:
    bomb = '<!DOCTYPE VAST [<!ENTITY a "https://t.example/">]>' + VAST.partition("?>")[2].replace("https://", "&a;")
    assert read_markup("<VAST version='3.0'/>") == Markup()
    assert read_markup('<?xml version="1.0"?>' + bomb).pixels == ()


def test_broken_vast_holds_nothing() -> None:
    assert read_markup(VAST[:-10]) == Markup()


@pytest.mark.parametrize("wrapped", [False, True])
def test_native_image_trackers_of_the_impression_and_the_link_are_found(wrapped: bool) -> None:
    document = """{"ver": "1.2", "assets": [], "imptrackers": ["https://t.example/old"],
      "link": {"url": "https://t.example/c", "clicktrackers": ["https://t.example/told"]},
      "eventtrackers": [{"event": 1, "method": 1, "url": "https://t.example/i"},
                        {"event": 1, "method": 2, "url": "https://t.example/script"},
                        {"event": 2, "method": 1, "url": "https://t.example/viewable"}]}"""
    assert read_markup(f'{{"native": {document}}}' if wrapped else document) == Markup(
        pixels=("https://t.example/i", "https://t.example/old"),
        click="https://t.example/c",
        click_trackers=("https://t.example/told",),
    )


def test_native_that_cannot_be_read_holds_nothing() -> None:
    assert read_markup('{"native": 7}') == Markup()


@given(text=st.text() | st.text(alphabet='<>/="&;! -[]{}?imgscrvaVASTnative', max_size=200))
def test_no_markup_breaks_the_browser(text: str) -> None:
    read_markup(text)
