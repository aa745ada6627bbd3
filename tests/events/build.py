"""Events with sane defaults, events of any shape for hypothesis, and what stands on disk."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow.dataset as ds
from hypothesis import strategies as st

from bidder.events.frame import HEADER, frame
from bidder.events.reader import Position, segment_path, tail
from bidder.events.recorder import Recorder
from bidder.events.schema import EVENTS, Bid, Click, Event, Facts, Notice, NoticeKind, encode

NOON_MS = 1_773_144_000_000
"""2026-03-10 12:00:00 UTC."""

START = Position()

FACTS: Facts = {"device_os": "ios", "hour": 12, "floor": 1.25, "app": True, "carrier": None}


def a_bid(number: int = 1, **changes: Any) -> Bid:
    """A bid whose id is `number`."""
    fields: dict[str, Any] = {
        "at_ms": NOON_MS,
        "bid_id": number,
        "request_id": f"request-{number}",
        "imp_id": "1",
        "exchange": "plain",
        "campaign": "shoes",
        "creative": "shoes-300x250",
        "format": "banner",
        "auction_type": 1,
        "price_micros": 2_260,
        "floor_micros": 1_000,
        "currency": "USD",
        "answer_micros": 2_260,
        "goal": "cpc",
        "probability": 0.00226,
        "value_micros": 1_000_000,
        "multiplier": 1.0,
        "model": "ctr:7",
        "config": "c0ffee",
        "expires_ms": NOON_MS + 3_600_000,
        "facts": FACTS,
    }
    return Bid(**(fields | changes))


def a_notice(number: int = 1, **changes: Any) -> Notice:
    """A counted billing notice of the bid `number`."""
    fields: dict[str, Any] = {"at_ms": NOON_MS, "kind": "billing", "bid_id": number, "outcome": "counted"}
    return Notice(**(fields | changes))


def a_click(number: int = 1, at_ms: int = NOON_MS) -> Click:
    """A counted click on the bid `number`."""
    return Click(at_ms=at_ms, bid_id=number, outcome="counted")


def record(directory: Path, events: Iterable[Event]) -> None:
    """Record events in a segment of their own, and close it."""
    recorder = Recorder(directory)
    for event in events:
        recorder.append(event)
    recorder.close(NOON_MS)


def write_segment(directory: Path, payloads: Iterable[bytes], sequence: int = 1) -> Path:
    """A segment file with these payloads, as a writer leaves it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = segment_path(directory, sequence)
    path.write_bytes(HEADER + b"".join(map(frame, payloads)))
    return path


def write_closed_segment(directory: Path, events: Iterable[Event], sequence: int = 1) -> Path:
    """A segment with these events, and an empty one after it."""
    write_segment(directory, [], sequence + 1)
    return write_segment(directory, map(encode, events), sequence)


def read_all(directory: Path, position: Position = START, max_bytes: int = 1 << 20) -> list[Event]:
    """All events that a tailing reader sees."""
    events: list[Event] = []
    while True:
        read = tail(directory, position, max_bytes)
        events += read.events
        if read.position == position:
            return events
        position = read.position


def rolled_rows(state: Path, event: type[Event]) -> list[dict[str, Any]]:
    """The rows of an event type in Parquet, with the columns of their partition."""
    folder = state / "events" / event.__name__.lower()
    if not folder.exists():
        return []
    parts = ds.partitioning(flavor="hive")
    return ds.dataset(folder, format="parquet", partitioning=parts).to_table().to_pylist()  # type: ignore[no-any-return]


def rolled_bid_ids(state: Path) -> list[int]:
    """The `bid_id` of every row in Parquet, of whatever type, ascending."""
    return sorted(row["bid_id"] for event in EVENTS for row in rolled_rows(state, event) if "bid_id" in row)


# Any event at all

_texts = st.text(max_size=20)
_int64s = st.integers(-(2**63), 2**63 - 1)
_times = st.integers(NOON_MS - 7_200_000, NOON_MS + 7_200_000)
_facts = st.dictionaries(_texts, st.one_of(_texts, _int64s, st.floats(allow_nan=False), st.booleans(), st.none()))

_values: dict[Any, st.SearchStrategy[Any]] = {
    str: _texts,
    int: _int64s,
    int | None: st.none() | _int64s,
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    NoticeKind: st.sampled_from(["win", "billing", "loss"]),
    bytes: st.binary(max_size=20).map(lambda half: half + half),
    list[str]: st.lists(_texts),
    dict[int, int]: st.dictionaries(_int64s, _int64s),
    dict[str, str]: st.dictionaries(_texts, _texts),
    Facts: _facts,
}
_named = {"at_ms": _times, "expires_ms": _times, "bid_id": st.integers(0, 2**64 - 1)}


def _any_of(event: type[Event]) -> st.SearchStrategy[Event]:
    make: Callable[..., Event] = event
    return st.builds(make, **{name: _named.get(name, _values[of]) for name, of in get_type_hints(event).items()})


events_of = {event: _any_of(event) for event in EVENTS}
any_event = st.one_of(*events_of.values())
