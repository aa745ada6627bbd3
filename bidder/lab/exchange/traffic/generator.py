"""The stream of bid requests that a seed stands for."""

from collections.abc import Iterator
from itertools import count, islice
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from bidder.lab.exchange.dice import Draw, dice
from bidder.lab.exchange.traffic.offers import draw_imp
from bidder.lab.exchange.traffic.people import Person, describe, draw_index, person
from bidder.lab.exchange.traffic.publishers import Placement, Publisher, encoded_context, placements_for

PAGES = 24
"""Pages, episodes or levels of one publisher."""

_SEVERAL_IMPS, _COMPRESSED, _TEST, _FOREIGN_SEATS, _CHAIN = 0.1, 0.1, 0.01, 0.01, 0.7
_MEASURED_CATEGORIES = ("IAB1", "IAB2", "IAB17", "IAB19", "IAB20")


class Opportunity(Struct, frozen=True):
    """One bid request, and what the exchange knows beside it. The imps are those of `placements`, numbered from 1."""

    number: int
    id: str
    body: bytes  # JSON
    version: str  # of OpenRTB
    tmax_ms: int
    compress: bool  # whether to send the body as gzip
    person: Person
    placements: tuple[Placement, ...]


def requests(seed: int, *, run: str = "", at: int | None = None) -> Iterator[bytes]:
    """Bid requests as JSON, without end and the same for the same arguments (OpenRTB 2.5 and 2.6).

    `run` goes into the request ids, so that a bidder can tell two runs of one seed apart; `at` overrides the auction
    type of every request.
    """
    return (opportunity.body for opportunity in opportunities(seed, run=run, at=at))


def opportunities(seed: int, *, run: str = "", at: int | None = None) -> Iterator[Opportunity]:
    """As `requests`, with what the exchange knows beside each."""
    chance = dice(seed, Draw.TRAFFIC)
    return (_opportunity(chance, seed, number, f"{run}{seed:x}-{number:x}", at) for number in count(1))


def _opportunity(chance: Random, seed: int, number: int, request_id: str, at: int | None) -> Opportunity:
    someone = person(seed, draw_index(chance))
    placements = _draw_placements(chance, someone)
    publisher = placements[0].publisher
    request: dict[str, Any] = {"id": request_id}
    request["imp"] = _imps(chance, placements, someone)
    request["app" if publisher.is_app else "site"] = encoded_context(publisher, chance.randrange(PAGES))
    described = describe(someone, publisher.version, publisher.for_children)
    request |= {"device": described.device, "user": described.user, "regs": described.regs}
    request |= {"at": at or publisher.at, "tmax": publisher.tmax_ms, "cur": [publisher.currency]}
    request |= _rules(chance, publisher)
    request["source"] = _source(chance, publisher)
    return Opportunity(
        number=number,
        id=request_id,
        body=msgspec.json.encode(request),
        version=publisher.version,
        tmax_ms=publisher.tmax_ms,
        compress=chance.random() < _COMPRESSED,
        person=someone,
        placements=placements,
    )


def _draw_placements(chance: Random, someone: Person) -> tuple[Placement, ...]:
    """Mostly one slot; sometimes several of the same page; a television break is a pod of several."""
    language = someone.place.language
    slots, weights = placements_for(someone.device.kind, language)
    first = chance.choices(slots, cum_weights=weights)[0]
    if first.surface.slots > 1:
        return (first,) * first.surface.slots
    if chance.random() >= _SEVERAL_IMPS or first.surface.imp:
        return (first,)
    beside = (slot for slot in slots if slot.publisher is first.publisher and slot is not first)
    return (first, *islice((slot for slot in beside if not slot.surface.imp), chance.randint(1, 2)))


def _imps(chance: Random, placements: tuple[Placement, ...], someone: Person) -> list[dict[str, Any]]:
    wealth = someone.place.wealth
    return [
        draw_imp(chance, placement, wealth, number, number if placement.surface.slots > 1 else 0)
        for number, placement in enumerate(placements, 1)
    ]


def _rules(chance: Random, publisher: Publisher) -> dict[str, Any]:
    """What is blocked, and marks that few requests carry."""
    rules: dict[str, Any] = {}
    if publisher.bcat:
        rules["bcat"] = publisher.bcat
    elif publisher.version == "2.6" and chance.random() < 0.02:
        rules["acat"] = _MEASURED_CATEGORIES
    if publisher.badv:
        rules["badv"] = publisher.badv
    if publisher.is_app and publisher.reseller:
        rules["bapp"] = ("com.example.copycat", "com.example.rival")
    if publisher.wlang:
        rules["wlang"] = publisher.wlang
    rare = chance.random()
    if rare < _TEST:
        rules["test"] = 1
    elif rare < _TEST + _FOREIGN_SEATS:
        rules["wseat"] = ("seat-of-another-bidder",)
    elif rare < _TEST + 2 * _FOREIGN_SEATS:
        rules["bseat"] = ("seat-of-another-bidder",)
    return rules


def _source(chance: Random, publisher: Publisher) -> dict[str, Any]:
    source: dict[str, Any] = {"fd": 0, "tid": str(UUID(int=chance.getrandbits(128)))}
    if chance.random() < _CHAIN or publisher.reseller:
        chain = _CHAINS.setdefault(publisher.key, _chain(publisher))
        source |= {"ext": {"schain": chain}} if publisher.version == "2.5" else {"schain": chain}
    return source


def _chain(publisher: Publisher) -> Raw:
    nodes = [{"asi": "mock-exchange.example", "sid": f"pub-{publisher.key}", "hp": 1}]
    if publisher.reseller:
        nodes.append({"asi": "reseller.example", "sid": "r-77", "hp": 1})
    return Raw(msgspec.json.encode({"complete": 1, "ver": "1.0", "nodes": nodes}))


_CHAINS: dict[str, Raw] = {}
