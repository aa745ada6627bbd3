"""What a browser or player would load and open in an ad: tracking pixels and the click.

Banner HTML, VAST and DAAST, and native documents are read; what cannot be read holds nothing.
"""

from html.parser import HTMLParser
from xml.parsers import expat

from msgspec import Struct

from openrtb import DecodeError, decode_native_response
from openrtb.enums import CreativeMarkupTypes, Native12EventTrackingMethods, Native12EventTypes
from openrtb.native import EventTrackerResponse
from openrtb.validate.markup import kind_of


class Markup(Struct, frozen=True):
    """The URLs of one ad. `click` is where the user goes; `click_trackers` are only told."""

    pixels: tuple[str, ...] = ()
    click: str | None = None
    click_trackers: tuple[str, ...] = ()


def read_markup(text: str) -> Markup:
    """The URLs in markup of whatever kind, told from the text itself."""
    match kind_of(text):
        case CreativeMarkupTypes.VIDEO | CreativeMarkupTypes.AUDIO:
            return read_vast(text)
        case CreativeMarkupTypes.NATIVE:
            return read_native(text)
        case CreativeMarkupTypes.BANNER:
            return read_html(text)


def read_html(text: str) -> Markup:
    """`src` of `img`, `iframe` and `script`, and the first `href` of an `a`."""
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    return Markup(tuple(reader.pixels), reader.click)


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pixels: list[str] = []
        self.click: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"img", "iframe", "script"}:
            self.pixels += (value.strip() for name, value in attrs if name == "src" and value)
        elif tag == "a" and self.click is None:
            self.click = next((value.strip() for name, value in attrs if name == "href" and value), None)


def read_vast(text: str) -> Markup:
    """`Impression`, `ClickThrough` and `ClickTracking` (VAST 4.2, 3.4.5 and 3.10). A document type is refused."""
    reader = _VastReader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, _DoctypeError):
        return Markup()
    pixels, clicks, trackers = reader.found.values()
    return Markup(tuple(pixels), clicks[0] if clicks else None, tuple(trackers))


class _DoctypeError(ValueError):
    """A document type, whose entities could grow without bound."""


class _VastReader:
    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {"Impression": [], "ClickThrough": [], "ClickTracking": []}
        self._text: list[str] = []

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._text.clear()

    def text(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        url = "".join(self._text).strip()
        self._text.clear()
        if url and name in self.found:
            self.found[name].append(url)

    def doctype(self, *_declaration: object) -> None:
        raise _DoctypeError("a document type is not allowed in an ad")


def read_native(text: str) -> Markup:
    """Image trackers of the impression, `imptrackers`, and the link (Native 1.2, 5.1, 5.7 and 5.8)."""
    try:
        native = decode_native_response(text)
    except DecodeError:
        return Markup()
    pixels = [tracker.url for tracker in native.eventtrackers or () if tracker.url and _is_pixel(tracker)]
    pixels += native.imptrackers or []
    link = native.link
    if link is None:
        return Markup(tuple(pixels))
    return Markup(tuple(pixels), link.url or None, tuple(link.clicktrackers or ()))


def _is_pixel(tracker: EventTrackerResponse) -> bool:
    return tracker.event == Native12EventTypes.IMPRESSION and tracker.method == Native12EventTrackingMethods.IMG
