"""Who sells: sites and apps with their slots, their rules and their terms. Every name is invented."""

from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from bidder.lab.exchange.traffic.devices import Kind
from bidder.lab.exchange.traffic.surfaces import SURFACES, Surface


class Publisher(Struct, frozen=True, eq=False):
    """One site or app. `quality` scales what its slots are worth; `version` is the OpenRTB version it sends."""

    key: str
    title: str
    language: str
    categories: tuple[str, ...]  # Content Taxonomy 1.0
    surfaces: tuple[str, ...]
    quality: float
    weight: int  # share of the traffic
    at: int = 1
    tmax_ms: int = 200
    version: str = "2.6"
    currency: str = "USD"
    bcat: tuple[str, ...] = ()
    badv: tuple[str, ...] = ()
    wlang: tuple[str, ...] = ()
    deals: bool = False
    reseller: bool = False  # whether its slots come through one
    for_children: bool = False
    secure: bool = True  # whether it loads nothing over plain HTTP

    @property
    def is_app(self) -> bool:
        """Whether it is an app rather than a site."""
        return SURFACES[self.surfaces[0]].apps

    @property
    def domain(self) -> str:
        """Its own domain."""
        return f"{self.key}.example"


class _Table(Struct):
    publisher: tuple[Publisher, ...]


PUBLISHERS: Final = msgspec.toml.decode(
    files(__package__).joinpath("publishers.toml").read_bytes(), type=_Table
).publisher
"""The sellers of this market. Their names never depend on the seed, so that campaigns can name them."""


class Placement(Struct, frozen=True):
    """One slot of one publisher; `key` names it in requests (`tagid`) and in the hidden truth."""

    publisher: Publisher
    surface: Surface

    @property
    def key(self) -> str:
        """Such as `morning-ledger/billboard`."""
        return f"{self.publisher.key}/{self.surface.name}"

    @property
    def median_cpm(self) -> float:
        """The CPM of one rival bid that half of such bids exceed, in the publisher's currency."""
        return self.publisher.quality * self.surface.median_cpm


@lru_cache
def placements_for(kind: Kind, language: str) -> tuple[tuple[Placement, ...], tuple[float, ...]]:
    """The slots that a person with that device and language meets, with cumulative weights.

    English is read everywhere; what is in the person's own language is met more often.
    """
    read = {language, "en"}
    found = [
        (Placement(publisher, SURFACES[name]), publisher.weight * (3.0 if publisher.language == language else 1.0))
        for publisher in PUBLISHERS
        if publisher.language in read
        for name in publisher.surfaces
        if kind in SURFACES[name].kinds
    ]
    return tuple(placement for placement, _ in found), tuple(accumulate(weight for _, weight in found))


@lru_cache(maxsize=4096)
def encoded_context(publisher: Publisher, page: int) -> Raw:
    """The `site` or `app` object with one of the publisher's pages, episodes or levels, as JSON."""
    return Raw(msgspec.json.encode(_app(publisher, page) if publisher.is_app else _site(publisher, page)))


def _site(publisher: Publisher, page: int) -> dict[str, Any]:
    section = publisher.categories[page % len(publisher.categories)]
    return {
        "id": publisher.key,
        "name": publisher.title,
        "domain": publisher.domain,
        "cat": publisher.categories,
        "pagecat": [section],
        "page": f"https://www.{publisher.domain}/{section.lower()}/story-{page}",
        **({"ref": "https://search.example/"} if page % 3 == 0 else {}),
        "privacypolicy": 1,
        "publisher": _owner(publisher),
        "content": {
            "id": f"s{page}",
            "title": f"Story {page}",
            "context": 5,
            "language": publisher.language,
            "keywords": f"{publisher.key.replace('-', ',')},story",
        },
    }


def _app(publisher: Publisher, page: int) -> dict[str, Any]:
    return {
        "id": publisher.key,
        "name": publisher.title,
        "bundle": f"com.example.{publisher.key.replace('-', '')}",
        "domain": publisher.domain,
        "storeurl": f"https://store.example/app/{publisher.key}",
        "cat": publisher.categories,
        "ver": f"{2 + page % 3}.{page % 10}",
        "paid": 0,
        "privacypolicy": 1,
        "publisher": _owner(publisher),
        **({"content": _episode(publisher, page)} if publisher.categories[0] in {"IAB1-5", "IAB1-6", "IAB17"} else {}),
    }


def _episode(publisher: Publisher, page: int) -> dict[str, Any]:
    heard = publisher.categories[0] == "IAB1-6"
    return {
        "id": f"e{page}",
        "title": f"Episode {page}",
        "series": f"Series {page % 7}",
        "season": str(1 + page % 4),
        "episode": 1 + page % 12,
        "genre": ("drama", "comedy", "news")[page % 3],
        "context": 2 if heard else 1,
        "contentrating": "TV-PG",
        "livestream": int(page % 5 == 0),
        "len": 1800,
        "language": publisher.language,
        "prodq": 1,
    }


def _owner(publisher: Publisher) -> dict[str, Any]:
    return {"id": f"pub-{publisher.key}", "name": f"{publisher.title} Ltd", "domain": publisher.domain}
