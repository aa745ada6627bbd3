"""A VAST or DAAST document, read far enough to judge it.

The parser refuses a document type: no ad needs one, and entities declared there can grow without bound.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

_DURATION = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,6})?)")
_ROOTS = {"VAST", "DAAST"}


class VastError(ValueError):
    """Markup that is no VAST or DAAST document; the message says what was found and what would be right."""


@dataclass(slots=True)
class Vast:
    """What one document holds."""

    root: str = ""  # VAST or DAAST
    version: str | None = None
    ads: int = 0
    wrappers: int = 0
    linear: bool = False  # some creative of an InLine ad is linear
    nonlinear: bool = False
    durations: list[int] = field(default_factory=list)  # of linear creatives, in whole seconds
    media: list[tuple[str, str]] = field(default_factory=list)  # type and apiFramework of each media file, lower case
    urls: list[tuple[str, str]] = field(default_factory=list)  # element and URL, of assets and trackers
    html: list[str] = field(default_factory=list)  # contents of HTMLResource


def read_vast(markup: str) -> Vast:
    """Parse a document. Raises `VastError`. Takes time and memory linear in its length."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(markup.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise VastError(f"not XML: {reason} at line {error.lineno}, column {error.offset + 1}") from None
    return reader.vast


class _Reader:
    def __init__(self) -> None:
        self.vast = Vast()
        self._open: list[str] = []
        self._text: list[str] = []
        self._opaque = 0  # elements open inside Extensions, AdParameters and the like, extension included

    def doctype(self, name: str, *_: object) -> None:
        raise VastError(f"a document type ({name[:40]}) is declared; VAST has none")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._root(name, attributes)
        self._open.append(name)
        self._text.clear()
        if self._opaque or name in {"Extensions", "CreativeExtensions", "AdParameters"}:
            self._opaque += 1
            return
        match name:
            case "Ad":
                self.vast.ads += 1
            case "Wrapper":
                self.vast.wrappers += 1
            case "Linear":
                self.vast.linear = True
            case "NonLinear":
                self.vast.nonlinear = True
            case "MediaFile":
                kind, api = attributes.get("type", ""), attributes.get("apiFramework", "")
                self.vast.media.append((kind.strip().lower(), api.strip().lower()))
            case _:
                pass

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name not in _ROOTS:
            raise VastError(f"the root element is {name[:40]!r}; right is VAST")
        self.vast.root = name
        self.vast.version = attributes.get("version")

    def text(self, text: str) -> None:
        if not self._opaque:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._open.pop()
        if self._opaque:
            self._opaque -= 1
            return
        text = "".join(self._text).strip()
        self._text.clear()
        if name == "Duration":
            self._duration(text)
        elif name == "HTMLResource":
            self.vast.html.append(text)
        elif text[:8].lower().startswith(("http://", "https://")) and not name.endswith("ClickThrough"):
            self.vast.urls.append((name, text))

    def _duration(self, text: str) -> None:
        found = _DURATION.fullmatch(text)
        if found is not None:
            hours, minutes, seconds = found.groups()
            self.vast.durations.append(int(hours) * 3600 + int(minutes) * 60 + round(float(seconds)))
