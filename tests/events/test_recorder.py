"""Telemetry is written or counted, money is written or refused, on full and failing disks and after crashes too."""

import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.events.frame import HEADER, MAX_PAYLOAD_BYTES, frame
from bidder.events.reader import segment_path, sequences
from bidder.events.recorder import Limits, Recorder, RecordError
from bidder.events.schema import Event, Generation, Notice, encode
from bidder.events.segment import WriterBusyError, seal
from tests.events.build import NOON_MS, a_bid, a_click, a_notice, any_event, read_all, write_segment
from tests.events.disk import failing, no_file_longer_than


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "segments" / "control"


def taken(recorder: Recorder) -> int:
    """The sum that must equal the number of events that were appended."""
    return recorder.counts.written + recorder.counts.dropped + recorder.pending


def take(recorder: Recorder, events: list[Event]) -> None:
    """Append events: notices as money, all else as telemetry."""
    for event in events:
        (recorder.append_money if isinstance(event, Notice) else recorder.append)(event)


# Writing


def test_nothing_is_on_disk_before_the_flush_and_everything_after_it(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.append(a_bid())
    assert read_all(directory) == []
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_bid()]


def test_telemetry_and_money_stay_in_the_order_in_which_they_came(directory: Path) -> None:
    recorder = Recorder(directory)
    events: list[Event] = [a_bid(1), a_notice(1), a_click(1), a_notice(2)]
    take(recorder, events)
    recorder.flush(NOON_MS)
    assert read_all(directory) == events


def test_flushing_nothing_writes_nothing(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.flush(NOON_MS, durable=True)
    assert segment_path(directory, 1).read_bytes() == HEADER


def test_an_append_that_another_thread_began_before_a_flush_and_ends_after_it_is_not_lost(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.append(a_click(1))
    began = recorder._pending.append
    recorder.flush(NOON_MS)
    began(a_click(2))
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_click(1), a_click(2)]


def test_events_appended_from_another_thread_during_a_flush_are_all_written(directory: Path) -> None:
    recorder = Recorder(directory, Limits(buffered_events=100_000))
    events: list[Event] = [a_click(number) for number in range(20_000)]
    thread = threading.Thread(target=take, args=(recorder, events))
    thread.start()
    while thread.is_alive():
        recorder.flush(NOON_MS)
    thread.join()
    recorder.flush(NOON_MS)
    assert read_all(directory) == events


def test_a_second_recorder_of_the_same_name_is_refused_until_the_first_is_closed(directory: Path) -> None:
    first = Recorder(directory)
    with pytest.raises(WriterBusyError, match=str(directory)):
        Recorder(directory)
    first.close(NOON_MS)
    Recorder(directory).close(NOON_MS)


def test_a_closed_recorder_takes_no_money(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.close(NOON_MS)
    with pytest.raises(RecordError, match="closed"):
        recorder.append_money(a_notice())
    recorder.append(a_bid())
    recorder.flush(NOON_MS)
    assert recorder.counts.dropped_unwritable == 1


# New segments


def test_a_segment_ends_at_its_size(directory: Path) -> None:
    recorder = Recorder(directory, Limits(segment_bytes=len(frame(encode(a_bid(1)))) + 1))
    for number in range(1, 6):
        recorder.append(a_bid(number))
        recorder.flush(NOON_MS)
    assert sequences(directory) == [1, 2, 3]
    assert read_all(directory) == [a_bid(number) for number in range(1, 6)]


def test_a_segment_ends_at_its_age_counted_from_its_first_record(directory: Path) -> None:
    recorder = Recorder(directory, Limits(segment_age_ms=1_000))
    recorder.flush(NOON_MS)
    recorder.append(a_bid())
    recorder.flush(NOON_MS + 5_000)
    recorder.flush(NOON_MS + 5_999)
    assert sequences(directory) == [1]
    recorder.flush(NOON_MS + 6_000)
    assert sequences(directory) == [1, 2]
    recorder.flush(NOON_MS + 99_000)
    assert sequences(directory) == [1, 2]


def test_every_opening_starts_a_segment_of_its_own(directory: Path) -> None:
    for number in (1, 2):
        recorder = Recorder(directory)
        recorder.append(a_bid(number))
        recorder.close(NOON_MS)
    assert sequences(directory) == [1, 2]
    assert read_all(directory) == [a_bid(1), a_bid(2)]


def test_the_last_segment_of_a_writer_that_is_gone_is_sealed(directory: Path) -> None:
    recorder = Recorder(directory)
    assert not seal(directory)
    recorder.close(NOON_MS)
    assert seal(directory)
    assert sequences(directory) == [1, 2]


def test_a_segment_gets_its_name_only_once_its_header_is_on_disk(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(directory, Limits(segment_bytes=1))
    recorder.append(a_bid(1))
    recorder.flush(NOON_MS)
    recorder.append_money(a_notice(2))
    with failing(monkeypatch, "open"), pytest.raises(RecordError):
        recorder.flush(NOON_MS)
    assert sequences(directory) == [1]
    recorder.flush(NOON_MS)
    assert sequences(directory) == [1, 2]
    assert read_all(directory) == [a_bid(1), a_notice(2)]


# Bounds


def test_telemetry_beyond_the_buffer_is_dropped_and_counted(directory: Path) -> None:
    recorder = Recorder(directory, Limits(buffered_events=3))
    for number in range(5):
        recorder.append(a_bid(number))
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_bid(0), a_bid(1), a_bid(2)]
    assert (recorder.counts.written, recorder.counts.dropped_full) == (3, 2)


def test_money_is_taken_where_telemetry_is_not_and_refused_at_twice_the_buffer(directory: Path) -> None:
    recorder = Recorder(directory, Limits(buffered_events=2))
    for number in range(4):
        recorder.append_money(a_notice(number))
    recorder.append(a_bid())
    assert recorder.counts.dropped_full == 1
    with pytest.raises(RecordError, match="4 events wait to be written: flush has not been called"):
        recorder.append_money(a_notice(9))
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_notice(number) for number in range(4)]


@pytest.mark.parametrize("fact", [2**64, "\ud800", object(), "x" * MAX_PAYLOAD_BYTES])
def test_an_event_that_no_record_can_hold_is_dropped_alone(directory: Path, fact: object) -> None:
    recorder = Recorder(directory)
    for event in (a_bid(1), a_bid(2, facts={"fact": fact}), a_bid(3)):
        recorder.append(event)
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_bid(1), a_bid(3)]
    assert recorder.counts.dropped_unencodable == 1


def test_money_that_no_record_can_hold_is_refused_and_harms_no_other(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.append_money(a_notice(1))
    with pytest.raises(RecordError, match="Notice cannot be encoded"):
        recorder.append_money(a_notice(2, price_micros=2**64))
    recorder.flush(NOON_MS, durable=True)
    assert read_all(directory) == [a_notice(1)]


def test_a_record_longer_than_a_chunk_is_read_back(directory: Path) -> None:
    recorder = Recorder(directory)
    campaigns = [f"campaign-{number:012d}" for number in range(100_000)]
    generation = Generation(at_ms=NOON_MS, generation=1, config="c0ffee", campaigns=campaigns)
    events: list[Event] = [a_bid(1), generation, a_bid(2)]
    take(recorder, events)
    recorder.flush(NOON_MS)
    assert read_all(directory) == events


# Full and failing disks

MONEY_CLICK_MONEY: list[Event] = [a_notice(1), a_click(2), a_notice(3)]


def test_on_a_full_disk_telemetry_is_dropped_and_counted_and_no_record_is_torn(directory: Path) -> None:
    recorder = Recorder(directory)
    for number in range(10):
        recorder.append(a_bid(number))
    with no_file_longer_than(len(HEADER) + 3 * len(frame(encode(a_bid(1)))) + 17):
        recorder.flush(NOON_MS)
    assert (recorder.counts.written, recorder.counts.dropped_unwritable) == (3, 7)
    recorder.append(a_bid(10))
    recorder.flush(NOON_MS)
    assert read_all(directory) == [a_bid(0), a_bid(1), a_bid(2), a_bid(10)]


@pytest.mark.parametrize("room", range(sum(len(frame(encode(event))) for event in MONEY_CLICK_MONEY)))
def test_on_a_full_disk_money_raises_and_is_written_once_when_there_is_room_again(directory: Path, room: int) -> None:
    recorder = Recorder(directory)
    take(recorder, MONEY_CLICK_MONEY)
    with no_file_longer_than(len(HEADER) + room), pytest.raises(RecordError, match="not recorded"):
        recorder.flush(NOON_MS, durable=True)
    recorder.flush(NOON_MS, durable=True)
    written = [event for event in read_all(directory) if event != a_click(2)]
    assert written == [a_notice(1), a_notice(3)]
    assert taken(recorder) == 3


def test_without_money_and_without_a_promise_a_full_disk_raises_nothing(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.append(a_bid())
    with no_file_longer_than(len(HEADER)):
        recorder.flush(NOON_MS)
        assert recorder.failure is not None
        recorder.append(a_bid())
        with pytest.raises(RecordError):
            recorder.flush(NOON_MS, durable=True)
    recorder.flush(NOON_MS, durable=True)
    assert recorder.failure is None


def test_a_failure_is_not_over_before_something_can_be_written_again(directory: Path) -> None:
    recorder = Recorder(directory)
    recorder.append(a_bid())
    with no_file_longer_than(1):
        for _ in range(3):
            recorder.flush(NOON_MS)
            assert recorder.failure is not None
    recorder.flush(NOON_MS)
    assert recorder.failure is None
    recorder.append_money(a_notice(1))
    recorder.flush(NOON_MS, durable=True)
    assert read_all(directory) == [a_notice(1)]


@pytest.mark.parametrize("call", ["fsync", "ftruncate"])
def test_after_a_failure_that_leaves_the_file_unknown_money_is_refused_until_a_new_opening(
    directory: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    recorder = Recorder(directory)
    recorder.append_money(a_notice(1))
    full = no_file_longer_than(len(HEADER) + 5 if call == "ftruncate" else 1 << 20)
    with full, failing(monkeypatch, call), pytest.raises(RecordError):
        recorder.flush(NOON_MS, durable=True)
    with pytest.raises(RecordError):
        recorder.append_money(a_notice(2))
    with pytest.raises(RecordError):
        recorder.flush(NOON_MS, durable=True)
    with pytest.raises(RecordError):
        recorder.close(NOON_MS)
    again = Recorder(directory)
    again.append_money(a_notice(3))
    again.flush(NOON_MS, durable=True)
    assert Counter(event.bid_id for event in read_all(directory)) <= Counter([1, 3])  # type: ignore[union-attr]
    assert read_all(directory)[-1] == a_notice(3)


@given(st.lists(st.tuples(st.booleans(), any_event, st.sampled_from(["keep", "flush", "full disk"])), max_size=12))
def test_written_dropped_and_pending_add_up_to_what_was_taken(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, Event, str]]
) -> None:
    directory = tmp_path_factory.mktemp("state")
    recorder = Recorder(directory, Limits(buffered_events=4, segment_bytes=300))
    refused = 0
    for is_money, event, then in steps:
        try:
            (recorder.append_money if is_money else recorder.append)(event)
        except RecordError:
            refused += 1
        if then != "keep":
            with no_file_longer_than(150 if then == "full disk" else 1 << 30), suppress(RecordError):
                recorder.flush(NOON_MS)
    recorder.close(NOON_MS)
    assert taken(recorder) + refused == len(steps)
    assert len(read_all(directory)) == recorder.counts.written


# Torn tails


@pytest.mark.parametrize("kept", range(len(frame(encode(a_notice(3))))))
def test_a_last_record_torn_at_any_byte_is_cut_on_opening_and_the_rest_is_kept(directory: Path, kept: int) -> None:
    path = write_segment(directory, [encode(a_notice(1)), encode(a_notice(2))])
    sound = path.read_bytes()
    path.write_bytes(sound + frame(encode(a_notice(3)))[:kept])
    recorder = Recorder(directory)
    recorder.append_money(a_notice(4))
    recorder.flush(NOON_MS)
    assert path.read_bytes() == sound
    assert recorder.torn_bytes == kept
    assert read_all(directory) == [a_notice(1), a_notice(2), a_notice(4)]


def test_a_damaged_record_is_not_mistaken_for_a_torn_one(directory: Path) -> None:
    path = write_segment(directory, [encode(a_notice(1)), encode(a_notice(2))])
    damaged = bytearray(path.read_bytes())
    damaged[len(HEADER) + 12] ^= 1
    path.write_bytes(damaged)
    assert Recorder(directory).torn_bytes == 0
    assert path.read_bytes() == damaged
