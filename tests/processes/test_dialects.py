"""Every dialect of the demo's exchanges over real sockets: what comes back, and what its notices do."""

import gzip
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from bidder.events.reader import Position, tail
from bidder.events.schema import Bid
from openrtb import decode_request, decode_response, validate_response
from tests.processes.served import REQUEST, Bidder, fetch, serving, until

NATIVE = json.dumps({"ver": "1.2", "assets": [{"id": 1, "required": 1, "title": {"len": 90}}]})
MANY = 12
LIMIT_BYTES = 6144


@pytest.fixture(scope="module")
def bidder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bidder]:
    with serving(tmp_path_factory.mktemp("dialects")) as running:
        yield running


def asked(number: int = 1, **imp: Any) -> bytes:
    """A request with so many imps, for banners unless something else is asked for."""
    request = json.loads(REQUEST)
    one = imp or {"banner": {"w": 300, "h": 250}}
    request["imp"] = [{"id": str(place), "exp": 60, **one} for place in range(1, number + 1)]
    return json.dumps(request).encode()


OWN = {"one-notice": {"macro-spelling"}}
"""The rules of OpenRTB that a dialect breaks, by exchange."""


def bids_of(bidder: Bidder, exchange: str, body: bytes) -> list[dict[str, Any]]:
    """The bids that come back, of which a strict exchange finds none wrong but for what its dialect wants."""
    status, answer = bidder.post(body, exchange)
    assert status == 200, (exchange, status)
    found = validate_response(decode_response(answer), decode_request(body))
    assert {each.rule for each in found if each.severity == "error"} == OWN.get(exchange, set())
    return [bid for seatbid in json.loads(answer)["seatbid"] for bid in seatbid["bid"]]


def bid_of(bidder: Bidder, exchange: str, **imp: Any) -> dict[str, Any]:
    (bid,) = bids_of(bidder, exchange, asked(**imp))
    return bid


def counted(bidder: Bidder, kind: str) -> float:
    """Notices of a kind that took effect, whether the record of their bid was read before or after."""
    text = fetch(f"{bidder.web_url}/metrics")[1].decode()
    pattern = rf'^bidder_notices_total{{kind="{kind}",outcome="(?:counted|unrecorded)"}} (\S+)$'
    return sum(map(float, re.findall(pattern, text, re.MULTILINE)))


def call(bidder: Bidder, url: str, **macros: str) -> int:
    """The status that a notice gets, its macros filled in."""
    for name, value in macros.items():
        url = url.replace(f"${{{name}}}", value)
    assert f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" == bidder.web_url
    return fetch(url)[0]


def test_an_exchange_of_openrtb_2_6_gets_its_attributes_and_both_notices(bidder: Bidder) -> None:
    bid = bid_of(bidder, "plain26")
    assert bid["mtype"] == 1
    assert {"nurl", "burl", "lurl", "adm"} <= bid.keys()


def test_an_exchange_of_openrtb_2_5_gets_none_of_what_came_later(bidder: Bidder) -> None:
    bid = bid_of(bidder, "plain25")
    assert not {"mtype", "cattax", "apis", "dur", "burl"} & bid.keys()
    before = counted(bidder, "bill")
    assert call(bidder, bid["nurl"], AUCTION_PRICE=str(bid["price"])) == 204
    assert counted(bidder, "bill") == before + 1, "it bills on the win"


def test_an_exchange_that_reads_one_bid_gets_the_best_one(bidder: Bidder) -> None:
    assert len(bids_of(bidder, "plain26", asked(3))) == 3
    assert len(bids_of(bidder, "one-imp", asked(3))) == 1


def test_an_answer_is_no_longer_than_its_exchange_reads(bidder: Bidder) -> None:
    whole, cut = (bidder.post(asked(MANY), exchange)[1] for exchange in ("plain26", "small-answers"))
    assert len(whole) > LIMIT_BYTES >= len(cut)
    kept = bids_of(bidder, "small-answers", asked(MANY))
    assert 0 < len(kept) < MANY
    assert all(len(bid["adomain"]) == 1 for bid in kept)


def raw(bidder: Bidder, exchange: str, accept: str) -> tuple[str | None, bytes]:
    """The coding and the bytes of a long answer."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": accept}
    request = urllib.request.Request(f"{bidder.bid_url}/openrtb2/{exchange}", asked(MANY), headers)  # noqa: S310
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return response.headers["Content-Encoding"], response.read()


def test_answers_are_compressed_where_exchange_and_request_take_it(bidder: Bidder) -> None:
    coding, answer = raw(bidder, "plain26", "gzip")
    assert coding == "gzip"
    assert len(json.loads(gzip.decompress(answer))["seatbid"][0]["bid"]) == MANY
    assert raw(bidder, "plain26", "identity")[0] is None
    coding, answer = raw(bidder, "prebid", "gzip")
    assert coding is None
    assert json.loads(answer)["seatbid"]


def test_an_exchange_that_pays_for_impressions_gets_no_notices_and_is_billed_by_the_pixel(bidder: Bidder) -> None:
    bid = bid_of(bidder, "pixel")
    assert not {"nurl", "burl", "lurl", "mtype"} & bid.keys()
    (pixel,) = re.findall(rf"{bidder.web_url}/imp/[^\"' ]+", bid["adm"])
    assert "${AUCTION_PRICE}" in pixel
    before = counted(bidder, "imp"), counted(bidder, "bill")
    assert call(bidder, pixel, AUCTION_PRICE=str(bid["price"])) == 200
    assert (counted(bidder, "imp"), counted(bidder, "bill")) == (before[0] + 1, before[1] + 1)


def test_native_markup_has_the_root_that_its_exchange_wants(bidder: Bidder) -> None:
    native = {"native": {"request": NATIVE, "ver": "1.2"}}
    assert list(json.loads(bid_of(bidder, "pixel", **native)["adm"])) == ["native"]
    assert "assets" in json.loads(bid_of(bidder, "plain26", **native)["adm"])


def test_a_no_bid_tells_its_reason_where_that_is_wanted(bidder: Bidder) -> None:
    status, answer = bidder.post(asked(banner={"w": 3, "h": 3, "api": []}, bidfloor=9e6), "pixel")
    assert (status, list(json.loads(answer))) == (200, ["id", "nbr"])
    assert bidder.post(asked(banner={"w": 3, "h": 3}, bidfloor=9e6), "plain26") == (204, b"")


def test_a_loss_is_told_at_lurl(bidder: Bidder) -> None:
    bid = bid_of(bidder, "plain26")
    assert "${AUCTION_MIN_TO_WIN}" in bid["lurl"]
    before = counted(bidder, "loss")
    filled = {"AUCTION_LOSS": "102", "AUCTION_PRICE": "9.5", "AUCTION_MIN_TO_WIN": "9.6"}
    assert call(bidder, bid["lurl"], **filled) == 204
    assert counted(bidder, "loss") == before + 1


@pytest.mark.parametrize(("reason", "kind"), [("0", "win"), ("102", "loss")])
def test_a_win_and_a_loss_are_told_at_one_url(bidder: Bidder, reason: str, kind: str) -> None:
    bid = bid_of(bidder, "one-notice")
    assert "lurl" not in bid
    assert "${AUCTION_MINIMUM_BID_TO_WIN}" in bid["nurl"]
    before = counted(bidder, kind)
    filled = {"AUCTION_LOSS": reason, "AUCTION_PRICE": str(bid["price"]), "AUCTION_MINIMUM_BID_TO_WIN": "9.6"}
    assert call(bidder, bid["nurl"], **filled) == 204
    assert counted(bidder, kind) == before + 1


def test_a_host_that_reads_no_losses_gets_no_url_for_them(bidder: Bidder) -> None:
    assert "lurl" not in bid_of(bidder, "prebid")


def test_a_first_price_auction_is_recorded_as_such_whatever_the_request_says(bidder: Bidder) -> None:
    request = {**json.loads(asked()), "at": 2}
    made = {
        int(bids_of(bidder, exchange, json.dumps(request).encode())[0]["id"], 16): at
        for exchange, at in (("first-price", 1), ("plain26", 2))
    }

    def recorded() -> bool:
        events = tail(bidder.state / "segments/worker-0", Position()).events
        found = {event.bid_id: event.auction_type for event in events if isinstance(event, Bid)}
        return made.items() <= found.items()

    until(recorded, "the records of both bids")


def test_a_dynamic_pod_gets_several_bids(bidder: Bidder) -> None:
    video = {"mimes": ["video/mp4"], "protocols": [2, 3, 5, 6, 7, 8], "podid": "1", "poddur": 120, "maxseq": 4}
    assert bids_of(bidder, "plain26", asked(video=video))
