"""Closed segments become Parquet: every readable event exactly once, by date and hour, whatever breaks in between."""

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.events import roll
from bidder.events.frame import HEADER
from bidder.events.reader import Position, sequences
from bidder.events.roll import HOUR_MS, Rolled, roll_closed
from bidder.events.schema import (
    EVENTS,
    Bid,
    Click,
    Event,
    Funnel,
    Generation,
    Notice,
    encode,
    pack_reasons,
    unpack_reasons,
)
from bidder.events.table import arrow_schema
from tests.events.build import (
    FACTS,
    NOON_MS,
    a_bid,
    a_click,
    a_notice,
    any_event,
    record,
    rolled_bid_ids,
    rolled_rows,
    write_closed_segment,
    write_segment,
)
from tests.events.disk import failing

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def segments(tmp_path: Path) -> Path:
    """The directory of the writer worker-0 in the state directory `tmp_path`."""
    return tmp_path / "segments" / "worker-0"


def roll_all(state: Path) -> list[Rolled]:
    return list(roll_closed(state, {}))


# Columns and places


def test_columns_are_those_that_queries_and_training_were_written_for() -> None:
    columns = [
        f"{event.__name__.lower()}.{field.name} {field.type}" for event in EVENTS for field in arrow_schema(event)
    ]
    assert columns == (GOLDEN / "columns.txt").read_text().splitlines()


def test_an_event_lies_under_its_type_and_the_utc_date_and_hour_of_its_time(tmp_path: Path, segments: Path) -> None:
    last_ms_of_the_hour = NOON_MS + HOUR_MS - 1
    write_closed_segment(segments, [a_click(1, last_ms_of_the_hour), a_click(2, last_ms_of_the_hour + 1), a_bid(3)])
    roll_all(tmp_path)
    files = sorted(str(path.relative_to(tmp_path / "events")) for path in tmp_path.glob("events/**/*.parquet"))
    assert files == [
        "bid/date=2026-03-10/hour=12/worker-0-000000000001.parquet",
        "click/date=2026-03-10/hour=12/worker-0-000000000001.parquet",
        "click/date=2026-03-10/hour=13/worker-0-000000000001.parquet",
    ]
    assert [(row["bid_id"], row["hour"]) for row in rolled_rows(tmp_path, Click)] == [(1, 12), (2, 13)]


def as_row(event: Event) -> dict[str, Any]:
    """An event as pyarrow gives its row back."""
    row = msgspec.structs.asdict(event)
    if isinstance(event, Bid):
        row["facts"] = msgspec.json.encode(event.facts, order="deterministic").decode()
    elif isinstance(event, Funnel):
        row |= {"counts": list(event.counts.items()), "terminal": list(unpack_reasons(event.terminal))}
    elif isinstance(event, Generation):
        row["files"] = list(event.files.items())
    return row


def ordered(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted(repr({name: value for name, value in row.items() if name not in {"date", "hour"}}) for row in rows)


@settings(max_examples=30, deadline=None)
@given(st.lists(any_event, max_size=12))
def test_every_event_of_any_shape_is_one_row_with_the_same_values(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event]
) -> None:
    state = tmp_path_factory.mktemp("state")
    write_closed_segment(state / "segments" / "control", events)
    (rolled,) = roll_all(state)
    assert rolled.rows == Counter(map(type, events))
    for of in EVENTS:
        assert ordered(rolled_rows(state, of)) == ordered([as_row(event) for event in events if type(event) is of])


def test_facts_keep_their_types_in_json_that_pyarrow_can_turn_into_columns(tmp_path: Path, segments: Path) -> None:
    write_closed_segment(segments, [a_bid(1), a_bid(2, facts=FACTS | {"device_os": "android"})])
    roll_all(tmp_path)
    lines = [row["facts"] for row in rolled_rows(tmp_path, Bid)]
    assert msgspec.json.decode(lines[0]) == FACTS
    columns = pyarrow.json.read_json(io.BytesIO("\n".join(lines).encode()))
    assert columns.filter(pc.equal(columns["device_os"], "android")).num_rows == 1
    assert {name: str(columns.schema.field(name).type) for name in ("app", "floor", "hour")} == {
        "app": "bool",
        "floor": "double",
        "hour": "int64",
    }


def test_a_fact_that_is_not_finite_is_null(tmp_path: Path, segments: Path) -> None:
    write_closed_segment(segments, [a_bid(facts={"ratio": float("nan"), "limit": float("inf")})])
    roll_all(tmp_path)
    assert rolled_rows(tmp_path, Bid)[0]["facts"] == '{"limit":null,"ratio":null}'


def test_bids_and_what_became_of_them_join_by_id(tmp_path: Path, segments: Path) -> None:
    largest = 2**64 - 1
    write_closed_segment(segments, [a_bid(1), a_bid(largest)])
    write_closed_segment(tmp_path / "segments" / "control", [a_notice(largest, price_micros=900)])
    roll_all(tmp_path)
    bids, notices = (ds.dataset(tmp_path / "events" / name).to_table() for name in ("bid", "notice"))
    joined = bids.select(["bid_id", "campaign"]).join(
        notices.select(["bid_id", "price_micros"]), "bid_id", join_type="inner"
    )
    assert joined.to_pylist() == [{"bid_id": largest, "campaign": "shoes", "price_micros": 900}]


def test_the_reasons_of_a_funnel_are_a_list_of_codes(tmp_path: Path, segments: Path) -> None:
    funnel = Funnel(
        at_ms=NOON_MS, request_id="r", exchange="plain", config="c", rate=0.01, campaigns=3,
        counts={0: 1, 900: 2}, terminal=pack_reasons([900, 0, 900]),
    )  # fmt: skip
    write_closed_segment(segments, [funnel])
    roll_all(tmp_path)
    (row,) = rolled_rows(tmp_path, Funnel)
    assert (row["terminal"], row["counts"]) == ([900, 0, 900], [(0, 1), (900, 2)])


def test_a_large_segment_is_rolled_a_bounded_piece_at_a_time(
    tmp_path: Path, segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll, "ROW_GROUP_CHUNKS", 1)
    write_closed_segment(segments, [a_bid(number, facts={"text": "x" * 1_000}) for number in range(3_000)])
    roll_all(tmp_path)
    (file,) = tmp_path.glob("events/bid/**/*.parquet")
    assert pq.ParquetFile(file).metadata.num_row_groups == 4
    assert rolled_bid_ids(tmp_path) == list(range(3_000))


# What is rolled and what is left


def test_only_closed_segments_are_rolled_and_then_they_are_gone(tmp_path: Path, segments: Path) -> None:
    for number in (1, 2, 3):
        record(segments, [a_bid(number)])
    assert [rolled.segment.stem for rolled in roll_all(tmp_path)] == ["000000000001", "000000000002"]
    assert sequences(segments) == [3]
    assert rolled_bid_ids(tmp_path) == [1, 2]
    assert roll_all(tmp_path) == []


def test_a_segment_that_the_tailing_reader_has_not_finished_is_left(tmp_path: Path, segments: Path) -> None:
    for number in (1, 2, 3):
        record(segments, [a_bid(number)])
    list(roll_closed(tmp_path, {"worker-0": Position(2, 100)}))
    assert sequences(segments) == [2, 3]


def test_a_state_directory_without_segments_has_nothing_to_roll(tmp_path: Path) -> None:
    assert roll_all(tmp_path) == []


def test_an_empty_segment_leaves_no_file(tmp_path: Path, segments: Path) -> None:
    write_closed_segment(segments, [])
    (rolled,) = roll_all(tmp_path)
    assert rolled.rows == Counter()
    assert list(tmp_path.glob("events/**/*.parquet")) == []


def test_of_a_damaged_segment_the_readable_part_is_rolled_and_the_file_is_kept_aside(
    tmp_path: Path, segments: Path
) -> None:
    path = write_closed_segment(segments, [a_notice(1), a_notice(2), a_notice(3)])
    data = bytearray(path.read_bytes())
    data[len(HEADER) + len(data) // 2] ^= 1
    path.write_bytes(data)
    write_closed_segment(tmp_path / "segments" / "worker-1", [a_notice(4)])
    damaged, sound = roll_all(tmp_path)
    assert (damaged.rows[Notice], len(damaged.damages), sound.rows[Notice]) == (1, 1, 1)
    assert rolled_bid_ids(tmp_path) == [1, 4]
    assert (tmp_path / "damaged" / "worker-0-000000000001.seg").read_bytes() == data
    assert roll_all(tmp_path) == []


def test_a_record_that_is_no_event_is_reported_and_those_around_it_are_rolled(tmp_path: Path, segments: Path) -> None:
    write_segment(segments, [encode(a_bid(1)), encode(a_bid(2, at_ms=-1)), encode(a_bid(3))])
    write_segment(segments, [], sequence=2)
    (rolled,) = roll_all(tmp_path)
    assert (rolled.rows[Bid], len(rolled.damages)) == (2, 1)
    assert rolled_bid_ids(tmp_path) == [1, 3]


# Failures and crashes


def test_an_io_error_is_reported_and_the_next_roll_makes_good_for_it(
    tmp_path: Path, segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        record(segments, [a_bid(number)])
    with failing(monkeypatch, "replace"):
        assert [type(rolled.error) for rolled in roll_all(tmp_path)] == [OSError, OSError]
    assert rolled_bid_ids(tmp_path) == []
    assert [rolled.error for rolled in roll_all(tmp_path)] == [None, None]
    assert rolled_bid_ids(tmp_path) == [1, 2]


class CrashError(BaseException):
    """The end of the process."""


@contextmanager
def crash_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """The process ends just before its `step`-th change to the file system; gives how many changes were begun."""
    begun = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def step_or_crash(*args: Any, **options: Any) -> Any:
            nonlocal begun
            begun += 1
            if begun > step:
                raise CrashError
            return call(*args, **options)

        return step_or_crash

    with monkeypatch.context() as patch:
        for name in ("mkdir", "fsync", "replace", "unlink", "rmdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        yield lambda: begun


def state_with_two_writers(state: Path) -> Path:
    """Six events in three closed segments of two writers, one of them over two hours, one damaged at its end."""
    worker, control = state / "segments" / "worker-0", state / "segments" / "control"
    write_closed_segment(worker, [a_bid(1), a_click(2), a_click(3, NOON_MS + HOUR_MS)])
    write_closed_segment(worker, [a_bid(4)], sequence=2)
    path = write_closed_segment(control, [a_notice(5), a_notice(6)])
    path.write_bytes(path.read_bytes() + b"torn")
    return state


def test_a_crash_before_any_step_and_a_second_one_at_the_same_step_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in range(1_000):
        state = state_with_two_writers(tmp_path / str(step))
        with crash_at(step, monkeypatch) as begun:
            try:
                roll_all(state)
            except CrashError:
                pass
            else:
                assert begun() == step
                break
        assert max(Counter(rolled_bid_ids(state)).values(), default=1) == 1
        with crash_at(step, monkeypatch), suppress(CrashError):
            roll_all(state)
        roll_all(state)
        assert rolled_bid_ids(state) == [1, 2, 3, 4, 5, 6]
        assert sequences(state / "segments" / "worker-0") == [3]
        assert len(list(state.glob("damaged/*"))) == 1
        assert not list(state.glob("rolling/*"))
    assert step > 30
