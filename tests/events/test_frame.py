"""Frames come back whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.events.frame import MAX_PAYLOAD_BYTES, PREFIX_BYTES, Fault, frame, unframe

payload_lists = st.lists(st.binary(min_size=1, max_size=60), max_size=6)


def payloads_of(data: bytes) -> list[bytes]:
    return [bytes(payload) for _, payload in unframe(data).payloads]


@given(payload_lists)
def test_payloads_come_back_in_order_with_the_offsets_of_their_frames(payloads: list[bytes]) -> None:
    data = b"".join(map(frame, payloads))
    frames = unframe(data)
    assert payloads_of(data) == payloads
    assert (frames.end, frames.fault) == (len(data), None)
    assert [data[offset + PREFIX_BYTES :][: len(payload)] for offset, payload in frames.payloads] == payloads


@given(payload_lists, st.binary(min_size=1, max_size=60), st.data())
def test_a_frame_cut_at_any_byte_is_incomplete_and_those_before_it_are_whole(
    payloads: list[bytes], last: bytes, data: st.DataObject
) -> None:
    whole = b"".join(map(frame, payloads))
    kept = data.draw(st.integers(1, len(frame(last)) - 1))
    frames = unframe(whole + frame(last)[:kept])
    assert [bytes(payload) for _, payload in frames.payloads] == payloads
    assert (frames.end, frames.fault) == (len(whole), Fault.INCOMPLETE)


def test_any_single_flipped_bit_stops_reading_at_its_frame() -> None:
    frames = [frame(b"first"), frame(b"the second"), frame(b"third")]
    start, end = len(frames[0]), len(frames[0] + frames[1])
    for bit in range(start * 8, end * 8):
        data = bytearray(b"".join(frames))
        data[bit // 8] ^= 1 << bit % 8
        read = unframe(bytes(data))
        assert [bytes(payload) for _, payload in read.payloads] == [b"first"]
        assert read.end == start
        assert read.fault is not None


@given(payload_lists, st.binary(min_size=1, max_size=200))
def test_noise_after_the_frames_adds_nothing(payloads: list[bytes], noise: bytes) -> None:
    data = b"".join(map(frame, payloads)) + noise
    assert payloads_of(data) == payloads
    assert unframe(data).fault is not None


def test_a_run_of_zeros_is_no_frame() -> None:
    assert unframe(bytes(64)).fault is Fault.LENGTH


@pytest.mark.parametrize("size", [0, MAX_PAYLOAD_BYTES + 1])
def test_a_payload_is_neither_empty_nor_too_long(size: int) -> None:
    with pytest.raises(ValueError, match=f"found {size}"):
        frame(bytes(size))
