"""What exchange and browser call after an auction: notices of every bid, and of those that won a pixel and a click."""

import re
from collections.abc import Iterator
from html import unescape
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from loadtests.target import Target

WINS, CLICKS = 0.3, 0.02
"""Share of bids that win, and of impressions that are clicked: more clicks than people make, so that a run has some."""

_PIXELS = re.compile(r"""<img\b[^>]*?\bsrc=["']([^"']+)|<Impression\b[^>]*>\s*<!\[CDATA\[\s*(.*?)\s*\]\]>""", re.DOTALL)
_CLICK = re.compile(r"""<a\b[^>]*?\bhref=["']([^"']+)|<ClickThrough\b[^>]*>\s*<!\[CDATA\[\s*(.*?)\s*\]\]>""", re.DOTALL)
_LOST_TO_HIGHER_BID = "102"


class Call(NamedTuple):
    """A GET that is owed to the bidder."""

    kind: str
    """`win`, `billing`, `loss`, `impression` or `click`."""
    url: str


class Origins(NamedTuple):
    """The public origin that a bidder writes in its URLs, and where it really listens."""

    public: str
    """Such as `https://ads.example`."""
    web: Target

    def local(self, url: str) -> str | None:
        """Where to call for `url`; `None` where that is not the bidder."""
        parts = urlsplit(url)
        here = f"http://{self.web.authority}"
        if f"{parts.scheme}://{parts.netloc}" not in {self.public, here}:
            return None
        return here + (f"{parts.path}?{parts.query}" if parts.query else parts.path)


def calls(answer: bytes, origins: Origins, chance: Random) -> Iterator[Call]:
    """All calls of an answer that bids, in the order that they come in. The answer must have passed the judge."""
    for seat in orjson.loads(answer).get("seatbid", ()):
        for bid in seat["bid"]:
            for call in _of(bid, chance):
                url = origins.local(_priced(call.url, bid["price"]))
                if url is not None:
                    yield Call(call.kind, url)


def _of(bid: dict[str, Any], chance: Random) -> Iterator[Call]:
    if chance.random() >= WINS:
        if "lurl" in bid:
            yield Call("loss", bid["lurl"])
        return
    for kind, name in (("win", "nurl"), ("billing", "burl")):
        if name in bid:
            yield Call(kind, bid[name])
    pixels, click = _markup(bid.get("adm", ""))
    yield from (Call("impression", url) for url in pixels)
    if click and chance.random() < CLICKS:
        yield Call("click", click)


def _markup(text: str) -> tuple[list[str], str | None]:
    """Pixels and click of an ad: HTML, VAST or native JSON."""
    if text.startswith("{"):
        return _native(orjson.loads(text))
    pixels = [unescape(html or xml) for html, xml in _PIXELS.findall(text)]
    click = _CLICK.search(text)
    return pixels, unescape(click[1] or click[2]) if click else None


def _native(document: dict[str, Any]) -> tuple[list[str], str | None]:
    document = document.get("native", document)
    pixels = [tracker["url"] for tracker in document.get("eventtrackers", ()) if "url" in tracker]
    link = document.get("link") or {}
    return pixels + list(document.get("imptrackers", ())), link.get("url")


def _priced(url: str, price: float) -> str:
    """A URL with its macros filled in: the bid's own price clears, a tenth more would have won."""
    return (
        url.replace("${AUCTION_PRICE}", f"{price:g}")
        .replace("${AUCTION_MIN_TO_WIN}", f"{price * 1.1:.4f}")
        .replace("${AUCTION_LOSS}", _LOST_TO_HIGHER_BID)
    )
