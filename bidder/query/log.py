"""Where the events of a state directory are at a moment: each once, whatever a running bidder does meanwhile."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from bidder.events.reader import read_segment, segment_path, sequences
from bidder.events.schema import EVENTS, Event
from bidder.events.table import arrow_schema, arrow_table


class NoLogError(Exception):
    """There are no events in this place. The message says what would be right."""


class Log(NamedTuple):
    """The events of one moment, by type."""

    files: dict[type[Event], list[Path]]
    """Parquet."""
    recent: dict[type[Event], pa.Table]
    """What is in segments yet."""


def read(state: Path) -> Log:
    """All that was recorded up to now. Raises `NoLogError`, `OSError`.

    A segment that is read here may become Parquet at the same time; the files that it gives are named after it, and
    left out. One that is gone when its turn comes has all its files in their places.
    """
    segments, events = state / "segments", state / "events"
    if not (segments.is_dir() or events.is_dir()):
        raise NoLogError(f"{state}: no event log here; is this a --state of `bidder serve`?")
    recent: defaultdict[type[Event], list[Event]] = defaultdict(list)
    names: set[str] = set()
    for directory in sorted(segments.glob("*/")):
        for sequence in sequences(directory):
            with contextlib.suppress(FileNotFoundError):
                for event in _segment(segment_path(directory, sequence)):
                    recent[type(event)].append(event)
                names.add(f"{directory.name}-{sequence:012d}")
    files = {event: _files(events / event.__name__.lower(), names) for event in EVENTS}
    return Log(files, {event: _table(event, recent[event]) for event in EVENTS})


def _segment(path: Path) -> Iterator[Event]:
    """The whole records of a segment as it is at this moment. Raises `OSError`."""
    offset: int | None = 0
    while offset is not None:
        events, _, end = read_segment(path, offset, closed=False)
        yield from events
        offset = end if end != offset else None


def _files(directory: Path, but: set[str]) -> list[Path]:
    return sorted(path for path in directory.glob("date=*/hour=*/*.parquet") if path.stem not in but)


def _table(event: type[Event], rows: Sequence[Event]) -> pa.Table:
    return arrow_table(event, rows) if rows else arrow_schema(event).empty_table()
