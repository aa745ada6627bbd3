"""HTML with URLs to put in: where they go, and how each is escaped there. Runs when a creative is prepared."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html.parser import HTMLParser

from bidder.auction.creative.markup.escape import attribute, parameter, script
from bidder.auction.creative.markup.template import Hole, Template

Escape = Callable[[str], str]

CLICK = "{click}"
"""What a click URL takes the place of."""

IMPRESSION: Hole = 0
"""The hole for the impression URL, escaped for an attribute; those for click URLs follow in order."""

_RAW_TEXT = frozenset({"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"})
"""Elements whose content holds no tags (HTML, 13.2.5)."""

_BODY_END = re.compile("</body>", re.IGNORECASE)
_PIXEL = ('<img src="', '" width="1" height="1" alt="" style="display:none">')


class Layout:
    """HTML with an impression pixel and holes for the URLs; `escapes` are those of the click URLs, in order."""

    __slots__ = ("escapes", "template")

    def __init__(self, template: Template, escapes: Sequence[Escape]) -> None:
        self.template = template
        self.escapes = escapes

    def fill(self, impression: str, click: str) -> str:
        """The HTML with both URLs."""
        return self.template.fill([attribute(impression), *[escape(click) for escape in self.escapes]])


@lru_cache(maxsize=1024)
def lay_out(html: str) -> Layout:
    """The HTML with a pixel at the end of the body, or before everything where it ends amid a comment or a script.

    As the value of an attribute a click URL is escaped for that; after `=` in a longer value or string it is a
    parameter of that URL; in scripts and event handlers it is part of a string. Where the HTML cannot be read it is
    taken for an attribute.
    """
    first, *others = html.split(CLICK)
    parts: list[str | Hole] = [first]
    for hole, text in enumerate(others, start=1):
        parts += (hole, text)
    last = (others or [first])[-1]
    end = max((found.start() for found in _BODY_END.finditer(last)), default=len(last))
    pixel: list[str | Hole] = [_PIXEL[0], IMPRESSION, _PIXEL[1]]
    ended = [*parts[:-1], last[:end], *pixel, last[end:]]
    finder = _Finder()
    finder.read("".join(part if isinstance(part, str) else _mark(part) for part in ended))
    template = Template(ended if _mark(IMPRESSION) in finder.images else [*pixel, *parts])
    return Layout(template, [finder.escapes.get(_mark(hole), attribute) for hole in range(1, len(others) + 1)])


def _mark(hole: Hole) -> str:
    return f"urlmark{hole}z"


class _Finder(HTMLParser):
    """Finds marks: those that are the address of an image, and the escape that each calls for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.images: set[str | None] = set()
        self.escapes: dict[str, Escape] = {}

    def read(self, html: str) -> None:
        """Read as far as can be."""
        try:
            self.feed(html)
            self.close()
        except AssertionError:
            return  # what the parser of some Python versions raises for a marked section it does not know

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _RAW_TEXT:
            self.set_cdata_mode(tag)
        for name, value in attrs:
            if not value:
                continue
            if tag == "img" and name == "src":
                self.images.add(value)
            code = name.startswith("on") or value.lstrip().lower().startswith("javascript:")
            self._note(value, _in_handler if code else attribute, _in_handler_url if code else _in_url)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self._note(data, script, _in_script_url)

    def _note(self, text: str, plain: Escape, in_url: Escape) -> None:
        start = text.find("urlmark")
        while start >= 0:
            end = text.find("z", start) + 1
            if end == 0:
                return
            self.escapes[text[start:end]] = in_url if text[:start].endswith("=") else plain
            start = text.find("urlmark", end)


def _in_url(url: str) -> str:
    return attribute(parameter(url))


def _in_handler(url: str) -> str:
    return attribute(script(url))


def _in_handler_url(url: str) -> str:
    return attribute(script(parameter(url)))


def _in_script_url(url: str) -> str:
    return script(parameter(url))
