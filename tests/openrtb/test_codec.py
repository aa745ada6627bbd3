"""Bytes to objects: what exchanges really send is read, what cannot be read is one kind of error."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import openrtb
from openrtb import DecodeError
from openrtb.audience import Geo
from openrtb.codec import MAX_OBJECTS
from openrtb.context import DOOH
from openrtb.native import EventTrackerRequest, NativeRequest, NativeResponse
from openrtb.repair import MAX_REPAIRS
from openrtb.request import BidRequest
from openrtb.response import BidResponse
from openrtb.wire import MAX_ITEMS
from tests.openrtb.wire_values import instances


def request(**attributes: Any) -> BidRequest:
    """A decoded request with one banner imp and these attributes."""
    return openrtb.decode_request(body(**attributes))


def body(**attributes: Any) -> bytes:
    return json.dumps({"id": "r", "imp": [{"id": "1", "banner": {}}], **attributes}).encode()


def imp(**attributes: Any) -> Any:
    return request(imp=[{"id": "1", **attributes}]).imp[0]


FORMS = {
    "a number as a string": (b'{"tmax":"120"}', "tmax", 120),
    "a float as a string": (b'{"imp":[{"bidfloor":"0.5"}]}', "imp.0.bidfloor", 0.5),
    "an exponent as a string": (b'{"imp":[{"bidfloor":"5e-1"}]}', "imp.0.bidfloor", 0.5),
    "a string as a number": (b'{"id":12345}', "id", "12345"),
    "a string as a float keeps its digits": (b'{"id":1.50}', "id", "1.50"),
    "an integer with a fraction of zero": (b'{"at":1.0}', "at", 1),
    "an integer with an exponent": (b'{"tmax":1.2e2}', "tmax", 120),
    "true for 1": (b'{"test":true}', "test", 1),
    "false for 0": (b'{"test":false}', "test", 0),
    "null for an absent object": (b'{"site":null,"id":"x"}', "site", None),
    "null for an absent array": (b'{"imp":null}', "imp", []),
    "null for a default": (b'{"at":null}', "at", 2),
    "null within an array": (b'{"cur":["USD",null]}', "cur", ["USD"]),
    "null where an array of objects is expected": (b'{"imp":[null,{"id":"2"}]}', "imp.0.id", "2"),
    "an empty string for a number": (b'{"tmax":""}', "tmax", None),
    "a fraction of a millisecond": (b'{"tmax":99.9}', "tmax", 99),
    "one value for an array of values": (b'{"cur":"USD"}', "cur", ["USD"]),
    "an empty array for an object, as PHP writes it": (b'{"device":[]}', "device", None),
    "keywords as an array": (b'{"site":{"keywords":["a","b"]}}', "site.keywords", "a,b"),
    "an unknown attribute": (b'{"id":"x","new":{"a":[1]}}', "id", "x"),
    "an unknown enum value": (b'{"at":999}', "at", 999),
    "a duplicate key: the last one counts": (b'{"id":"a","id":"b"}', "id", "b"),
    "text beyond ASCII": ('{"id":"žluť"}'.encode(), "id", "žluť"),
    "an escaped surrogate pair": (rb'{"id":"\ud83d\ude00"}', "id", "😀"),
    "a byte-order mark": (b'\xef\xbb\xbf{"id":"x"}', "id", "x"),
    "a byte-order mark before a form to mend": (b'\xef\xbb\xbf{"id":1}', "id", "1"),
    "white space around": (b' \n{"id":"x"}\t', "id", "x"),
    "an ext that is not an object": (b'{"imp":[{"ext":"text"}]}', "imp.0.id", ""),
    "a longitude under its other name": (b'{"device":{"geo":{"lat":1,"long":2.5}}}', "device.geo.lon", 2.5),
    "a venue type under its other name": (b'{"dooh":{"venuetypeid":12}}', "dooh.venuetype", ["12"]),
    "a venue taxonomy under its other name": (b'{"dooh":{"venuetax":3}}', "dooh.venuetypetax", 3),
    "several protocols under one name": (b'{"imp":[{"video":{"protocol":[2]}}]}', "imp.0.video.protocols", [2]),
}  # fmt: skip


@pytest.mark.parametrize(("found", "path", "read"), FORMS.values(), ids=FORMS)
def test_a_form_that_exchanges_send_is_read_as_what_it_means(found: bytes, path: str, read: Any) -> None:
    value: Any = openrtb.decode_request(found)
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    assert value == read
    assert type(value) is type(read)


REFUSED = {
    "nothing": (b"", "$"),
    "no object": (b"[]", "$"),
    "null": (b"null", "$"),
    "half an object": (b'{"id":"x"', "$"),
    "text after the end": (b"{} {}", "$"),
    "not a number": (b'{"tmax":NaN}', "$"),
    "a word for a number": (b'{"imp":[{},{"bidfloor":"free"}]}', "$.imp[1].bidfloor"),
    "a number of 400 digits": (b'{"at":' + b"9" * 400 + b"}", "$.at"),
    "a number of 5,000 digits": (b'{"at":' + b"9" * 5000 + b"}", "$.at"),
    "a float of 400 digits": (b'{"imp":[{"bidfloor":' + b"9" * 400 + b"}]}", "$.imp[0].bidfloor"),
    "a number beyond exact integers": (b'{"at":9007199254740993}', "$.at"),
    "the same as a string": (b'{"at":"9007199254740993"}', "$.at"),
    "an exponent beyond floats": (b'{"imp":[{"bidfloor":1e999}]}', "$.imp[0].bidfloor"),
    "a quotation mark in a string for an integer": (rb'{"at":"\""}', "$.at"),
    "a quotation mark in a string for a float": (rb'{"imp":[{"bidfloor":"\""}]}', "$.imp[0].bidfloor"),
    "a string in a string for an integer": (rb'{"at":"\"1\""}', "$.at"),
    "a fraction for an integer": (b'{"at":1.5}', "$.at"),
    "digits that are not ASCII": ('{"at":"٣"}'.encode(), "$.at"),
    "an object for a string": (b'{"id":{}}', "$.id"),
    "a string for an object": (b'{"site":"x"}', "$.site"),
    "a string for an array of objects": (b'{"imp":"x"}', "$.imp"),
    "true for a float": (b'{"imp":[{"bidfloor":true}]}', "$.imp[0].bidfloor"),
    "a lone surrogate": (rb'{"id":"\ud800"}', "$"),
    "bytes that are not UTF-8": (b'{"id":"\xff"}', "$"),
    "bytes that are not UTF-8 in an ext": (b'{"ext":{"a":"\xff"}}', "$"),
    "UTF-16": ('{"id":"x"}'.encode("utf-16"), "$"),
    "arrays a hundred thousand deep": (b'{"ext":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "$"),
    "objects a hundred thousand deep": (b'{"x":' * 50_000 + b"1" + b"}" * 50_000, "$"),
    "depth that never closes": (b"[" * 100_000, "$"),
    "more imps than are searched": (b'{"imp":[' + b"{}," * MAX_ITEMS + b"{}]}", "$.imp"),
    "more objects than bytes for them": (b'{"site":{"content":{"data":[{"segment":[' + b"{}," * MAX_OBJECTS, "$"),
    "more old places to mend than is allowed": (
        b'{"site":{"content":{"data":[' + b",".join([b'{"ext":{"cids":[' + b"1," * 3_000 + b"1]}}"] * 2) + b"]}}}",
        "$.site.content.data[1].ext.cids",
    ),
    "more vendor extensions to mend than is allowed": (
        b'{"imp":[' + b",".join([b'{"ext":{"gpid":{},"data":{"pbadslot":{}},"prebid":1,"rewarded":{}}}'] * 900) + b"]}",
        "$.imp",
    ),
    "more to mend than is allowed": (b'{"cur":[' + b"1," * MAX_REPAIRS + b"1]}", "$.cur"),
    "an unreadable legacy place": (b'{"regs":{"ext":{"gdpr":"maybe"}}}', "$.regs.ext.gdpr"),
    "an unreadable chain in its old place": (b'{"source":{"ext":{"schain":{"nodes":1}}}}', "$.source.ext.schain.nodes"),
}


@pytest.mark.parametrize(("found", "path"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_its_path(found: bytes, path: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        openrtb.decode_request(found)
    assert refusal.value.path == path


def test_the_message_of_a_refusal_names_what_was_found_and_what_would_be_right() -> None:
    with pytest.raises(DecodeError, match=r'^\$\.imp\[0\]\.bidfloor: expected a number, found "free"$'):
        request(imp=[{"id": "1", "bidfloor": "free"}])


def test_a_message_shows_a_long_value_only_in_part() -> None:
    with pytest.raises(DecodeError) as refusal:
        request(site="x" * 100_000)
    assert len(str(refusal.value)) < 200


def test_a_document_beyond_the_size_bound_is_refused_unread() -> None:
    with pytest.raises(DecodeError, match="expected at most 10 bytes, found 11"):
        openrtb.decode_request(b'{"id":"xy"}', max_bytes=10)


def test_a_key_of_a_megabyte_is_refused_or_passed_over() -> None:
    found = b'{"' + b"k" * 1_000_000 + b'":1,"id":7}'
    assert openrtb.decode_request(found, max_bytes=2_000_000).id == "7"


@pytest.mark.parametrize(
    ("native", "text"),
    [
        ({"request": '{"ver":"1.2"}'}, '{"ver":"1.2"}'),
        ({"request": {"ver": "1.2", "assets": []}}, '{"ver": "1.2", "assets": []}'),
        ({"request": ""}, ""),
    ],
)
def test_a_native_request_is_text_however_it_was_sent(native: dict[str, Any], text: str) -> None:
    assert imp(native=native).native.request == text


@pytest.mark.parametrize(
    "text", ['{"ver":"1.1","seq":2}', '{"native":{"ver":"1.1","seq":"2"}}', ' {"seq":2.0,"ver":1.1}']
)
def test_a_native_request_is_read_plain_wrapped_and_mended(text: str) -> None:
    assert openrtb.decode_native_request(text) == NativeRequest(ver="1.1", seq=2)


def test_an_empty_native_request_asks_for_nothing() -> None:
    assert openrtb.decode_native_request("") == NativeRequest()


def test_event_trackers_are_read_under_the_misprinted_name_of_the_specification() -> None:
    read = openrtb.decode_native_request('{"eventrackers":[{"event":1,"methods":[1]}]}')
    assert read.eventtrackers is not None
    assert read.eventtrackers[0].methods == [1]


def test_event_trackers_are_read_under_the_misprinted_name_in_a_wrapper_too() -> None:
    read = openrtb.decode_native_request('{"native":{"eventrackers":[{"event":1,"methods":["2"]}]}}')
    assert read.eventtrackers == [EventTrackerRequest(event=1, methods=[2])]


@pytest.mark.parametrize("document", ['{"seq":2}', '{"native":{"seq":2}}', '{"seq":"2","eventrackers":[]}'])
def test_a_byte_order_mark_does_not_matter_before_a_native_document(document: str) -> None:
    assert openrtb.decode_native_request("\ufeff" + document) == openrtb.decode_native_request(document)


def test_a_byte_order_mark_alone_is_an_empty_native_request() -> None:
    assert openrtb.decode_native_request("\ufeff") == NativeRequest()


def test_a_byte_order_mark_does_not_hide_a_name_of_the_examples() -> None:
    read = openrtb.decode_request(b'\xef\xbb\xbf{"dooh":{"venuetypeid":12},"device":{"geo":{"lat":1,"long":"2"}}}')
    assert read.dooh is not None
    assert read.device is not None
    assert read.dooh.venuetype == ["12"]
    assert read.device.geo == Geo(lat=1.0, lon=2.0)


def test_the_name_of_the_tables_wins_over_that_of_the_examples() -> None:
    read = openrtb.decode_request(b'{"dooh":{"venuetypeid":12,"venuetype":["3"],"venuetax":3,"venuetypetax":2}}')
    assert read.dooh == DOOH(venuetype=["3"], venuetypetax=2)


def nested(depth: int) -> bytes:
    """An old placement name beside something `depth` deep."""
    return b'{"imp":[{"ext":{"data":{"pbadslot":"x"},"deep":' + b"[" * depth + b"]" * depth + b"}}]}"


def is_read(body: bytes) -> bool:
    try:
        return openrtb.decode_request(body) is not None
    except DecodeError:
        return False


def test_depth_is_refused_as_such_wherever_reading_meets_its_limit() -> None:
    outcomes = [is_read(nested(depth)) for depth in range(1, 1_000)]
    assert outcomes == sorted(outcomes, reverse=True)
    assert outcomes[100]
    assert not outcomes[-1]


def test_a_native_response_is_written_plain_and_wrapped_and_read_alike() -> None:
    response = NativeResponse(assetsurl="https://a.example/")
    for wrapped in (False, True):
        assert openrtb.decode_native_response(openrtb.encode_native_response(response, wrapped=wrapped)) == response


def test_an_adm_object_is_kept_as_text() -> None:
    response = openrtb.decode_response(b'{"id":"r","seatbid":[{"bid":[{"id":"1","adm":{"native":{}}}]}]}')
    assert response.seatbid is not None
    assert response.seatbid[0].bid[0].adm == '{"native":{}}'


def test_the_extension_of_an_object_keeps_its_bytes() -> None:
    read = openrtb.decode_request(b'{"id":1,"ext":{"a" : 1.0,"a":2}}')
    assert bytes(read.ext) == b'{"a" : 1.0,"a":2}'


def test_a_default_is_not_written_and_an_absent_extension_neither() -> None:
    assert openrtb.encode_request(request(at=2, test=0)) == b'{"id":"r","imp":[{"id":"1","banner":{}}]}'


ROUND_TRIPS: dict[str, tuple[Any, Callable[[bytes], Any], Callable[[Any], Any]]] = {
    "request": (BidRequest, openrtb.decode_request, openrtb.encode_request),
    "response": (BidResponse, openrtb.decode_response, openrtb.encode_response),
    "native request": (NativeRequest, openrtb.decode_native_request, openrtb.encode_native_request),
    "native response": (NativeResponse, openrtb.decode_native_response, openrtb.encode_native_response),
}
SLOWLY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize(("cls", "read", "write"), ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@given(st.data())
@SLOWLY
def test_any_document_survives_writing_and_reading(cls: Any, read: Any, write: Any, data: st.DataObject) -> None:
    once = read(write(data.draw(instances(cls))))
    assert read(write(once)) == once


@given(instances(NativeRequest), instances(NativeResponse))
@SLOWLY
def test_a_native_document_is_read_as_it_was_built(asked: NativeRequest, answer: NativeResponse) -> None:
    assert openrtb.decode_native_request(openrtb.encode_native_request(asked)) == asked
    assert openrtb.decode_native_response(openrtb.encode_native_response(answer)) == answer


@given(instances(BidRequest), st.randoms(use_true_random=False))
@SLOWLY
def test_a_document_means_the_same_in_every_form_that_is_tolerated(built: BidRequest, random: Random) -> None:
    body = openrtb.encode_request(built)
    others = in_other_forms(json.loads(body), random)
    reformed = json.dumps(others, separators=(",", ":"), ensure_ascii=False).encode()
    assert openrtb.decode_request(reformed) == openrtb.decode_request(body)


def in_other_forms(value: Any, random: Random) -> Any:
    """The same value as careless senders write it; an `ext` stays as it is."""
    match value:
        case dict():
            reformed = {
                key: member if key == "ext" else in_other_forms(member, random) for key, member in value.items()
            }
            return reformed | ({"unknown": [{}], "also": None} if random.random() < 0.2 else {})
        case list():
            items = [in_other_forms(item, random) for item in value]
            alone = len(items) == 1 and not isinstance(items[0], dict | list)
            return items[0] if alone and random.random() < 0.3 else items + [None] * (random.random() < 0.2)
        case int():
            return random.choice([value, str(value), float(value), f" {value}", f"{value}.0"])
        case float():
            return random.choice([value, str(value)])
        case str() if value.isascii() and value.isdigit() and value == str(int(value)):
            return random.choice([value, int(value)])
        case _:
            return value
