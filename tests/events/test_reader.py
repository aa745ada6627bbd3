"""A tailing reader sees every record once and in order, wherever it stops; damage costs one segment at most."""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bidder.events.frame import HEADER, PREFIX_BYTES, frame
from bidder.events.reader import Position, read_closed, segment_path, sequences, tail
from bidder.events.recorder import Limits, Recorder
from bidder.events.schema import Event, encode
from tests.events.build import NOON_MS, a_bid, a_click, a_notice, read_all, record, write_closed_segment, write_segment

THREE = [a_notice(1), a_notice(2), a_notice(3)]


def offset_of(number: int) -> int:
    """Where the record of THREE stands in its segment, counted from 1."""
    return len(HEADER) + sum(len(frame(encode(event))) for event in THREE[: number - 1])


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


# Tailing


def test_a_writer_that_has_not_begun_has_nothing_to_read(tmp_path: Path) -> None:
    assert tail(tmp_path / "worker-0", Position()) == ([], Position(), [])


def test_a_position_that_was_kept_as_json_goes_on_where_it_was(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.append(a_bid(1))
    recorder.flush(NOON_MS)
    kept = msgspec.json.encode(tail(tmp_path, Position()).position)
    recorder.append(a_bid(2))
    recorder.flush(NOON_MS)
    assert tail(tmp_path, msgspec.json.decode(kept, type=Position)).events == [a_bid(2)]


def test_reading_goes_on_in_the_next_segment(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        record(tmp_path, [a_bid(number)])
    read = tail(tmp_path, Position())
    assert read.events == [a_bid(1), a_bid(2), a_bid(3)]
    assert read.position.sequence == 3


def test_segments_that_are_gone_are_passed_over(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        record(tmp_path, [a_bid(number)])
    segment_path(tmp_path, 1).unlink()
    segment_path(tmp_path, 2).unlink()
    assert tail(tmp_path, Position(1, 20)).events == [a_bid(3)]


def test_one_call_reads_a_bounded_amount(tmp_path: Path) -> None:
    events: list[Event] = [a_bid(number, facts={"text": "x" * 1_000}) for number in range(3_000)]
    record(tmp_path, events)
    first = tail(tmp_path, Position(), max_bytes=1)
    assert 0 < len(first.events) < 1_100
    assert first.events + read_all(tmp_path, first.position, max_bytes=1) == events


def test_a_file_that_is_no_segment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.seg").write_text("?")
    record(tmp_path, [a_bid(1)])
    assert read_all(tmp_path) == [a_bid(1)]


@pytest.mark.parametrize("kept", range(len(frame(encode(THREE[2])))))
def test_a_record_still_being_written_is_left_for_later(tmp_path: Path, kept: int) -> None:
    path = write_segment(tmp_path, map(encode, THREE))
    whole = path.read_bytes()
    path.write_bytes(whole[: offset_of(3) + kept])
    before = tail(tmp_path, Position())
    path.write_bytes(whole)
    after = tail(tmp_path, before.position)
    assert (before.events, before.damages) == (THREE[:2], [])
    assert (after.events, after.damages) == (THREE[2:], [])


class Tailing(RuleBasedStateMachine):
    """A writer that writes, ends segments, stops and crashes; a reader that keeps its position and what it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.directory = Path(self.folder.name)
        self.recorder = Recorder(self.directory, Limits(segment_age_ms=1))
        self.now_ms = NOON_MS
        self.pending: list[Event] = []
        self.flushed: list[Event] = []
        self.seen: list[Event] = []
        self.kept = msgspec.json.encode(Position())

    @rule(count=st.integers(1, 4))
    def append(self, count: int) -> None:
        for _ in range(count):
            event = a_click(len(self.flushed) + len(self.pending))
            self.recorder.append(event)
            self.pending.append(event)

    @rule(passes_ms=st.integers(0, 1))
    def flush(self, passes_ms: int) -> None:
        self.now_ms += passes_ms
        self.recorder.flush(self.now_ms)
        self.flushed += self.pending
        self.pending = []

    @rule(torn=st.integers(0, 10))
    def crash_and_start_again(self, torn: int) -> None:
        self.recorder._log.close()
        with segment_path(self.directory, sequences(self.directory)[-1]).open("ab") as file:
            file.write(frame(encode(a_click()))[:torn])
        self.pending = []
        self.recorder = Recorder(self.directory, Limits(segment_age_ms=1))
        assert self.recorder.torn_bytes == torn

    @rule(max_bytes=st.sampled_from([1, 1 << 30]))
    def read(self, max_bytes: int) -> None:
        read = tail(self.directory, msgspec.json.decode(self.kept, type=Position), max_bytes)
        assert read.damages == []
        self.seen += read.events
        self.kept = msgspec.json.encode(read.position)

    @rule()
    def remove_what_was_read(self) -> None:
        for sequence in sequences(self.directory)[:-1]:
            if sequence < msgspec.json.decode(self.kept, type=Position).sequence:
                segment_path(self.directory, sequence).unlink()

    @invariant()
    def what_was_seen_is_the_beginning_of_what_was_flushed(self) -> None:
        assert self.seen == self.flushed[: len(self.seen)]

    def teardown(self) -> None:
        rest = read_all(self.directory, msgspec.json.decode(self.kept, type=Position))
        assert self.seen + rest == self.flushed
        self.recorder.close(self.now_ms)
        self.folder.cleanup()


TestTailing = Tailing.TestCase
TestTailing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


# Damage


def test_any_flipped_bit_costs_the_rest_of_its_segment_and_is_reported(tmp_path: Path) -> None:
    path = write_closed_segment(tmp_path, THREE)
    write_closed_segment(tmp_path, [a_bid(4)], sequence=2)
    for bit in range(offset_of(2) * 8, offset_of(3) * 8):
        flip(path, bit)
        read = tail(tmp_path, Position())
        assert read.events == [THREE[0], a_bid(4)]
        (damage,) = read.damages
        assert (damage.segment, damage.offset) == (path, offset_of(2))
        assert damage.skipped_bytes == path.stat().st_size - offset_of(2)
        flip(path, bit)


def test_damage_in_a_segment_that_is_still_written_is_reported_once_and_reading_goes_on_in_the_next(
    tmp_path: Path,
) -> None:
    path = write_segment(tmp_path, map(encode, THREE))
    flip(path, (offset_of(2) + PREFIX_BYTES) * 8)
    first = tail(tmp_path, Position())
    assert (first.events, len(first.damages)) == (THREE[:1], 1)
    assert tail(tmp_path, first.position) == ([], first.position, [])
    record(tmp_path, [a_bid(4)])
    assert tail(tmp_path, first.position).events == [a_bid(4)]


def test_a_sound_record_that_is_no_event_is_reported_and_passed_over_alone(tmp_path: Path) -> None:
    foreign = msgspec.msgpack.encode([99, "from a later version"])
    path = write_segment(tmp_path, [encode(THREE[0]), foreign, encode(THREE[2])])
    read = tail(tmp_path, Position())
    assert read.events == [THREE[0], THREE[2]]
    (damage,) = read.damages
    assert (damage.segment, damage.offset) == (path, offset_of(2))
    assert damage.skipped_bytes == PREFIX_BYTES + len(foreign)
    assert "99" in damage.what


@pytest.mark.parametrize("header", [b"", b"BIDSEG", b"PK\x03\x04 zip!", b"BIDSEG\x02\x00"])
def test_a_closed_file_without_the_header_is_reported_as_a_whole(tmp_path: Path, header: bytes) -> None:
    path = write_closed_segment(tmp_path, THREE)
    path.write_bytes(header)
    record(tmp_path, [a_bid(4)])
    read = tail(tmp_path, Position())
    assert read.events == [a_bid(4)]
    assert [(damage.segment, damage.offset, damage.skipped_bytes) for damage in read.damages] == [
        (path, 0, len(header))
    ]


@given(st.binary(max_size=400), st.booleans())
def test_noise_is_read_to_its_end_and_never_raises(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, has_header: bool
) -> None:
    directory = tmp_path_factory.mktemp("state")
    path = write_closed_segment(directory, [a_click()])
    path.write_bytes((HEADER if has_header else b"") + noise)
    chunks = list(read_closed(path))
    assert chunks[-1].end is None
    skipped = sum(damage.skipped_bytes for chunk in chunks for damage in chunk.damages)
    assert skipped == path.stat().st_size - (len(HEADER) if has_header else 0)
