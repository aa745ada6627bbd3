"""The codec against `orjson.loads` and `orjson.dumps` of the same bytes."""

from collections.abc import Iterator
from functools import partial

import msgspec
import orjson

import openrtb
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from tests import shared
from tests.bench.measure import median_ratio, microseconds

SAMPLE = 10
"""Every tenth request of the corpus is timed."""


def rows() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the bar."""
    yield from _request()
    yield from _corpus()
    yield from _response()


def _request() -> Iterator[tuple[str, str, str]]:
    body = shared.path("bench/request_3k.json").read_bytes().strip()
    careless = body.replace(b'"secure":1', b'"secure":"1"')
    strict = msgspec.json.Decoder(BidRequest).decode
    took = microseconds(
        {
            "orjson": lambda: orjson.loads(body),
            "typed": lambda: strict(body),
            "upgraded": lambda: openrtb.decode_request(body),
            "mended": lambda: openrtb.decode_request(careless),
        }
    )
    base = took["orjson"]
    yield f"orjson.loads of the request ({len(body)} bytes)", f"{base:.2f} µs", ""
    yield "full typed decode", f"{took['typed'] / base:.2f} x orjson.loads", "<= 1.0 x"
    yield "decode_request, with upgrade", f"{took['upgraded'] / base:.2f} x orjson.loads", "<= 1.15 x"
    yield "decode_request, with a value to mend", f"{took['mended'] / base:.2f} x orjson.loads", ""


def _corpus() -> Iterator[tuple[str, str, str]]:
    strict = msgspec.json.Decoder(BidRequest).decode
    typed: list[float] = []
    upgraded: list[float] = []
    bodies = [body for record, body in shared.corpus_bodies("requests") if record["kind"] == "request"]
    for body in bodies[::SAMPLE]:
        try:
            strict(body)
        except msgspec.DecodeError:
            continue
        took = microseconds(
            {
                "orjson": partial(orjson.loads, body),
                "typed": partial(strict, body),
                "upgraded": partial(openrtb.decode_request, body),
            },
            number=50,
            rounds=20,
        )
        typed.append(took["typed"] / took["orjson"])
        upgraded.append(took["upgraded"] / took["orjson"])
    yield f"corpus, {len(typed)} requests, full typed decode", f"median {median_ratio(typed)} x", "<= 1.2 x"
    yield "corpus, decode_request with upgrade", f"median {median_ratio(upgraded)} x", "<= 1.2 x"


def _response() -> Iterator[tuple[str, str, str]]:
    bid = Bid(
        id="1a2b3c4d5e6f7081",
        impid="1",
        price=2.26,
        burl="https://bid.example/bill/" + "t" * 120 + "?p=${AUCTION_PRICE}",
        lurl="https://bid.example/loss/" + "t" * 120 + "?r=${AUCTION_LOSS}",
        adm='<a href="https://bid.example/click/' + "t" * 120 + '"><img src="https://cdn.example/a.png"></a>',
        adomain=["shop.example"],
        cid="campaign-1",
        crid="creative-1",
        cat=["IAB18"],
        w=300,
        h=250,
        mtype=1,
        exp=300,
    )
    response = BidResponse(id="80ce30c53c16e6ede735f123ef6e32361bfc7b22", cur="USD", seatbid=[SeatBid(bid=[bid])])
    plain = orjson.loads(openrtb.encode_response(response))
    took = microseconds(
        {"orjson": lambda: orjson.dumps(plain), "encode": lambda: openrtb.encode_response(response)},
    )
    yield "encode_response of one bid", f"{took['encode'] / took['orjson']:.2f} x orjson.dumps", "<= 2.5 x"
