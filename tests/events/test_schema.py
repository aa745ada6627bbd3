"""Records keep what was put in, and old and new versions of the schema read each other's."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.reason import Reason
from bidder.events.schema import (
    EVENTS,
    UNENCODABLE,
    Click,
    Event,
    Funnel,
    decode,
    encode,
    pack_reasons,
    unpack_reasons,
)
from tests.events.build import a_bid, a_notice, any_event

# Tags are on disk for good: a change here makes old segments unreadable.
TAGS = {1: "Bid", 2: "Notice", 3: "Impression", 4: "Click", 5: "Conversion", 6: "Funnel", 7: "Generation", 8: "Edit"}


@given(any_event)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert decode(encode(event)) == event


def test_tags_are_those_that_segments_on_disk_have() -> None:
    assert {event.__struct_config__.tag: event.__name__ for event in EVENTS} == TAGS


def test_facts_keep_their_types() -> None:
    facts = {"int": 1, "float": 1.0, "text": "1", "true": True, "none": None}
    back = decode(encode(a_bid(facts=facts))).facts  # type: ignore[union-attr]
    assert {name: type(value) for name, value in back.items()} == {name: type(value) for name, value in facts.items()}


def test_a_record_without_the_fields_added_since_is_read_with_their_defaults() -> None:
    shorter = msgspec.msgpack.encode([4, 5, 6, "shoes", "red", "plain", "counted"])
    assert decode(shorter) == Click(
        at_ms=5, bid_id=6, campaign="shoes", creative="red", exchange="plain", outcome="counted"
    )


def test_a_record_with_fields_of_a_later_version_is_read_without_them() -> None:
    fields = msgspec.msgpack.decode(encode(a_notice()))
    assert decode(msgspec.msgpack.encode([*fields, "later"])) == a_notice()


@pytest.mark.parametrize("bid", [a_bid(price_micros=2**63), a_bid(at_ms=-1), a_bid(at_ms=253_402_300_800_000)])
def test_numbers_that_no_column_or_calendar_holds_are_refused_on_reading(bid: Event) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(encode(bid))


@pytest.mark.parametrize("fact", [2**64, "\ud800", object()])
def test_what_no_record_can_hold_is_refused_on_writing(fact: object) -> None:
    with pytest.raises(UNENCODABLE):
        encode(a_bid(facts={"fact": fact}))


@given(st.lists(st.sampled_from(Reason)))
def test_reasons_take_two_bytes_each_and_come_back(reasons: list[Reason]) -> None:
    packed = pack_reasons(reasons)
    assert len(packed) == 2 * len(reasons)
    assert unpack_reasons(packed) == tuple(reasons)


def test_half_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="two bytes a campaign, found 3 bytes"):
        Funnel(at_ms=0, request_id="", exchange="", config="", rate=1.0, campaigns=2, counts={0: 2}, terminal=b"abc")
