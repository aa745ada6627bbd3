"""An `ext` that is absent is not written, however it came to be empty."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import Raw

import openrtb
from openrtb.imp import Banner, Format, Imp
from openrtb.native import AssetResponse, EventTrackerResponse, LinkResponse, NativeRequest, NativeResponse
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from tests.openrtb.builders import request, response
from tests.openrtb.wire_values import instances

COPIES: dict[str, Callable[[Any], Any]] = {
    "a copy": copy.copy,
    "a deep copy": copy.deepcopy,
    "a pickle": lambda document: pickle.loads(pickle.dumps(document)),  # noqa: S301
}


def test_an_empty_ext_anywhere_in_a_request_is_not_written() -> None:
    banner = Banner(format=[Format(w=1, h=2, ext=Raw())], ext=Raw(b""))
    built = BidRequest(id="r", imp=[Imp(id="1", banner=banner, ext=Raw())], ext=Raw())
    assert openrtb.encode_request(built) == (b'{"id":"r","imp":[{"id":"1","banner":{"format":[{"w":1,"h":2}]}}]}')


@pytest.mark.parametrize("version", ["2.5", "2.6"])
def test_an_empty_ext_anywhere_in_a_response_is_not_written(version: str) -> None:
    built = BidResponse(id="r", seatbid=[SeatBid(bid=[Bid(id="1", impid="1", ext=Raw())], ext=Raw())], ext=Raw())
    assert openrtb.encode_response(built, version=version) == (
        b'{"id":"r","seatbid":[{"bid":[{"id":"1","impid":"1"}]}]}'
    )


def test_an_empty_ext_anywhere_in_a_native_document_is_not_written() -> None:
    asset = AssetResponse(id=1, link=LinkResponse(url="u", ext=Raw()))
    tracker = EventTrackerResponse(event=1, method=1, url="u", customdata=Raw())
    built = NativeResponse(assets=[asset], eventtrackers=[tracker], ext=Raw())
    plain = '{"assets":[{"id":1,"link":{"url":"u"}}],"eventtrackers":[{"event":1,"method":1,"url":"u"}]}'
    assert openrtb.encode_native_response(built) == plain
    assert openrtb.encode_native_response(built, wrapped=True) == f'{{"native":{plain}}}'
    assert openrtb.encode_native_request(NativeRequest(seq=1, ext=Raw())) == '{"seq":1}'


def test_text_that_looks_like_an_empty_attribute_is_written_as_it_is() -> None:
    built = BidRequest(id='":,"ext":}')
    assert openrtb.decode_request(openrtb.encode_request(built)) == built


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_is_written_like_what_it_is_a_copy_of(copied: Callable[[Any], Any]) -> None:
    assert openrtb.encode_request(copied(request())) == openrtb.encode_request(request())
    assert openrtb.encode_response(copied(response())) == openrtb.encode_response(response())


@given(instances(BidRequest))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_request_survives_pickling(built: BidRequest) -> None:
    assert pickle.loads(pickle.dumps(built)) == built  # noqa: S301
