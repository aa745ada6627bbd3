"""Real documents of other projects: each that its source accepts is read, and what was read survives being written."""

from collections.abc import Iterator
from typing import Any

import pytest

import openrtb
from openrtb import DecodeError
from tests import shared
from tests.openrtb.conftest import Tell

UNREADABLE = {"json", "required"}
"""Scopes of refusal for which the body may be no JSON object at all."""


def bodies(name: str, kind: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    return ((record, body) for record, body in shared.corpus_bodies(name) if record["kind"] == kind)


def test_every_request_that_its_source_accepts_or_that_is_basic_is_read(tell: Tell) -> None:
    read, refused = 0, []
    for record, body in bodies("requests", "request"):
        try:
            openrtb.decode_request(body)
            read += 1
        except DecodeError as error:
            refused.append((record, error))
    tell(f"corpus requests: {read} read, {len(refused)} refused")
    assert read > 2_200
    for record, error in refused:
        assert record["scope"] in UNREADABLE, f"{record['id']}: {error}"
        assert not record["basic"]


def test_every_request_is_the_same_after_writing_and_reading() -> None:
    compared = 0
    for record, body in bodies("requests", "request"):
        if record["valid"] is False:
            continue
        once = openrtb.decode_request(body)
        assert openrtb.decode_request(openrtb.encode_request(once)) == once, record["id"]
        compared += 1
    assert compared > 2_100


def test_every_response_is_read_and_is_the_same_after_writing_and_reading(tell: Tell) -> None:
    compared, refused = 0, []
    for record, body in bodies("responses", "response"):
        try:
            once = openrtb.decode_response(body)
        except DecodeError as error:
            refused.append((record, error))
            continue
        assert openrtb.decode_response(openrtb.encode_response(once)) == once, record["id"]
        compared += 1
    tell(f"corpus responses: {compared} read, {len(refused)} refused")
    assert compared > 900
    for record, error in refused:
        assert record["valid"] is False, f"{record['id']}: {error}"


@pytest.mark.parametrize(
    ("name", "kind", "read", "write"),
    [
        ("requests", "native-request", openrtb.decode_native_request, openrtb.encode_native_request),
        ("responses", "native-response", openrtb.decode_native_response, openrtb.encode_native_response),
    ],
)
def test_every_native_document_survives(name: str, kind: str, read: Any, write: Any) -> None:
    compared = 0
    for record, body in bodies(name, kind):
        once = read(body)
        assert read(write(once)) == once, record["id"]
        compared += 1
    assert compared > 20
