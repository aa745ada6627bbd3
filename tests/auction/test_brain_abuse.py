"""Whatever bytes come in, the brain answers 200, 204 or 400, and every 200 is one that a strict exchange accepts."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.respond import Responder
from bidder.auction.score import FixedPredictor
from bidder.auction.view import View
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.config.load import load
from bidder.config.templates import init
from bidder.domain.links import LinkBuilder
from bidder.domain.ticket import Signer
from bidder.engine import Engine
from bidder.events import schema as events
from bidder.pacing.purse import OpenPurse
from openrtb import decode_request, decode_response, validate_response
from tests import shared
from tests.auction.builders import NOW, PUBLIC_URL, body
from tests.auction.scenarios import requests
from tests.openrtb.mutation import broken

BEYOND_US = {"deal-guaranteed"}
"""Rules that no bidder can keep on its own: a guaranteed deal may be one that no campaign has."""

OWN_MACRO = {"macro-spelling"}
"""Said of a macro that an exchange has and the specification has not."""


class Victim:
    """A brain that bids on everything, in full, and what it recorded."""

    def __init__(self, directory: Path) -> None:
        init(directory, "everything")
        config = load(directory)
        server = structs.replace(config.bidder.server, public_url=PUBLIC_URL)
        config = structs.replace(config, bidder=structs.replace(config.bidder, server=server))
        predictor = Always(FixedPredictor(config.bidder.prediction))
        engine = Engine(compile_snapshot(config, predictor.ceiling), OpenPurse(), predictor)
        engine.snapshot.refresh(NOW)
        self.recorded: list[Any] = []
        self.counts = FunnelCounts()
        self.brain = DecidingBrain(
            engine,
            Responder(Signer([b"k" * 16]), LinkBuilder(PUBLIC_URL)),
            self.recorded.append,
            self.counts,
            lambda: NOW,
        )
        self.exchanges = sorted(config.exchanges)

    def hit(self, exchange: str, data: bytes) -> int:
        """Puts a body to the brain and checks what comes of it; returns the status."""
        self.recorded.clear()
        answer = self.brain.answer(exchange, data, NOW, NOW)
        assert answer.status in {200, 204, 400}
        assert bool(answer.body) == (answer.status == 200)
        if answer.status == 200:
            self.accept(exchange, data, answer.body)
        for event in self.recorded:
            assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=events.Bid | events.Funnel) == event
        assert self.counts.closure_error == 0
        return answer.status

    def accept(self, exchange: str, data: bytes, answer: bytes) -> None:
        request, response = decode_request(data, max_bytes=len(data)), decode_response(answer)
        dialect = self.brain.engine.snapshot.exchanges[exchange]
        rates = {name: rate // 1000 for name, rate in self.brain.engine.snapshot.rates.items()}
        findings = validate_response(response, request, rates=rates)
        forgiven = BEYOND_US | (set() if dialect.send_mtype and dialect.version == "2.6" else UNSAID_IN_2_5)
        forgiven |= OWN_MACRO if dialect.loss.minimum == "AUCTION_MINIMUM_BID_TO_WIN" else set()
        assert [str(each) for each in findings if each.severity == "error" and each.rule not in forgiven] == []


UNSAID_IN_2_5 = {"imp-multi-format", "imp-floor", "deal-floor"}
"""What depends on `mtype` and `dur`, which older dialects have no place for."""


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("everything") / "config")


def own_bodies() -> list[bytes]:
    """A body of each kind, whole."""
    video = {"mimes": ["video/mp4"], "protocols": [2, 3], "minduration": 5, "maxduration": 30, "w": 640, "h": 360}
    native = {"request": '{"assets":[{"id":1,"required":1,"title":{"len":25}},{"id":2,"img":{"type":3}}]}'}
    audio = {"mimes": ["audio/mpeg"], "mincpmpersec": 0.01, "durfloors": [{"mindur": 1, "bidfloor": 0.1}]}
    deal = {"id": "d1", "bidfloor": 1.0, "at": 3, "wseat": ["s1"], "wadomain": ["everything.example"]}
    banner = {"format": [{"w": 300, "h": 250}, {"wratio": 6, "hratio": 5}], "battr": [1], "btype": [3], "pos": 1}
    person = {"id": "u", "yob": 1990, "gender": "F", "data": [{"id": "p", "segment": [{"id": "auto"}]}]}
    lists = {"bcat": ["IAB25"], "badv": ["other.example"], "bapp": ["com.x"], "wlang": ["en"]}
    regs = {"gdpr": 0, "coppa": 0, "us_privacy": "1YNN", "ext": {"gpc": "0", "dsa": {"dsarequired": 1}}}
    imps = [{"id": "1", "banner": banner, "bidfloor": 0.1, "secure": 1}, {"id": "2", "video": video}]
    more = [{"id": "3", "native": native}, {"id": "4", "audio": audio, "pmp": {"private_auction": 0, "deals": [deal]}}]
    documents = [body(), body(imp=imps, regs=regs, user=person), body(imp=more, **lists), body(imp=imps + more)]
    return [json.dumps(document).encode() for document in documents]


def corpus_bodies() -> list[bytes]:
    return [data for record, data in shared.corpus_bodies("requests") if record["kind"] == "request" and data]


def assault(victim: Victim, bodies: Iterator[bytes] | list[bytes]) -> Counter[int]:
    """The statuses of all bodies, put to one exchange after the other."""
    return Counter(
        victim.hit(victim.exchanges[number % len(victim.exchanges)], data) for number, data in enumerate(bodies)
    )


def test_whole_bodies_are_bid_on_at_every_exchange(victim: Victim) -> None:
    for exchange in victim.exchanges:
        assert [victim.hit(exchange, data) for data in own_bodies()] == [200] * 4


def test_broken_bodies_are_answered_or_refused(victim: Victim) -> None:
    statuses = assault(victim, broken(own_bodies(), seed=1, count=2_000))
    assert min(statuses[200], statuses[204], statuses[400]) > 20


def test_the_corpus_is_answered_or_refused(victim: Victim) -> None:
    statuses = assault(victim, corpus_bodies())
    assert statuses[200] > 500


def test_a_broken_corpus_is_answered_or_refused(victim: Victim) -> None:
    statuses = assault(victim, broken(corpus_bodies(), seed=2, count=2_000))
    assert min(statuses[200], statuses[204], statuses[400]) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 18))
def test_a_hundred_thousand_broken_bodies_are_answered_or_refused(victim: Victim, seed: int) -> None:
    bodies = corpus_bodies() + own_bodies() * 20
    assert assault(victim, broken(bodies, seed=seed, count=12_500)).total() == 12_500


@pytest.mark.parametrize("count", [200, pytest.param(20_000, marks=pytest.mark.slow)])
def test_any_bytes_are_refused_or_answered(victim: Victim, count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass")))
    def check(data: bytes) -> None:
        victim.hit(victim.exchanges[0], data)

    check()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.slow)])
def test_any_values_in_the_places_of_a_request_are_refused_or_answered(victim: Victim, count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(requests(), st.lists(st.tuples(st.integers(0, 10**6), JSON), max_size=3))
    def check(request: dict[str, Any], changes: list[tuple[int, Any]]) -> None:
        for number, value in changes:
            places = list(leaves(request))
            parent, key = places[number % len(places)]
            parent[key] = value
        victim.hit(victim.exchanges[0], json.dumps(request).encode())

    check()


def leaves(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document that holds a value."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield node, key
        yield from leaves(value)


HUGE = {
    "a domain of many labels": {"site": {"domain": "a." * 2_000 + "example"}},
    "a page on a host of many labels": {"site": {"page": "https://" + "a." * 2_000 + "example/"}},
    "a language of many parts": {"device": {"language": "a-" * 2_000 + "a"}},
    "a postal code without end": {"device": {"geo": {"country": "USA", "zip": "1" * 4_000}}},
}


@pytest.mark.parametrize("changes", HUGE.values(), ids=HUGE)
def test_what_is_looked_up_does_not_grow_with_the_square_of_a_value(changes: dict[str, Any]) -> None:
    request = decode_request(json.dumps(body(**changes)).encode())
    view = View(request, "test", NOW, personal=True)
    looked_up = [*view.domains(), *view.languages(), *view.zips()]
    assert sum(map(len, looked_up)) < 100_000


UNREADABLE = {
    "thousands of values of the wrong kind": json.dumps({"dsa": {"transparency": [1] * 5_000}}),
    **{f"{depth} objects inside each other": '{"a":' * depth + "1" + "}" * depth for depth in range(950, 1_001)},
    **{f"{depth} arrays inside each other": '{"dsa":' + "[" * depth + "]" * depth + "}" for depth in range(950, 1_001)},
}


@pytest.mark.parametrize("place", ["regs", "user", "device", "source", "site"])
def test_an_extension_that_cannot_be_read_raises_nothing(victim: Victim, place: str) -> None:
    for ext in UNREADABLE.values():
        document = json.dumps(body(**{place: {"ext": "EXT"}})).replace('"EXT"', ext)
        assert victim.hit(victim.exchanges[0], document.encode()) in {200, 204, 400}


ODD = {
    "nothing": b"",
    "white space": b" \n",
    "null": b"null",
    "an array": b"[]",
    "a number": b"1",
    "an empty object": b"{}",
    "not UTF-8": b'{"id":"\xff"}',
    "a lone surrogate": rb'{"id":"\ud800","imp":[{"id":"1","banner":{"w":300,"h":250}}]}',
    "NaN": b'{"id":"1","imp":[{"id":"1","bidfloor":NaN,"banner":{}}]}',
    "cut in the middle": json.dumps(body()).encode()[:100],
    "two documents": json.dumps(body()).encode() * 2,
    "a quotation mark where a number belongs": json.dumps(body(at='"')).encode(),
    "depth": b'{"a":' * 100_000,
    "beyond the limit": b'{"id":"' + b"x" * 600_000 + b'"}',
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_what_is_no_request_is_refused(victim: Victim, data: bytes) -> None:
    assert victim.hit(victim.exchanges[0], data) == 400
