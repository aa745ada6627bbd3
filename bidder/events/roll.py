"""Closed segments become Parquet, by date and hour (UTC) of `at_ms`.

    STATE/events/TYPE/date=YYYY-MM-DD/hour=HH/NAME-SEQUENCE.parquet

Each segment gives at most one file per type and hour, named after the segment alone. The files are written aside,
synced and renamed; when all stand in their places on disk, the segment goes. A crash anywhere before that leaves the
segment, and the next roll writes the same files over the same names: every event is there once. A segment with damage
goes to STATE/damaged instead, and what could be read of it to Parquet.

A full segment takes seconds of processor time: roll in a process or thread where nobody waits.
"""

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from bidder.events.reader import Chunk, Damage, Position, read_closed, segment_path, sequences
from bidder.events.schema import Event
from bidder.events.table import arrow_schema, arrow_table

HOUR_MS = 3_600_000

ROW_GROUP_CHUNKS = 8
"""Chunks of a segment (1 MiB each) that are held as objects at a time, and become one row group per file."""


class Rolled(NamedTuple):
    """What became of a segment."""

    segment: Path
    rows: Counter[type[Event]]
    damages: list[Damage]
    error: OSError | None = None
    """Why the segment is still there; the next roll takes it up again."""


def roll_closed(state: Path, read: Mapping[str, Position]) -> Iterator[Rolled]:
    """Roll the closed segments of all writers, oldest first; one at a time, as the caller asks for the next.

    `read` says how far the tailing reader is, by writer: what it has still to read is left alone. An I/O error is
    reported and costs the others nothing. One roll at a time may run on a state directory.
    """
    shutil.rmtree(state / "rolling", ignore_errors=True)
    for directory in sorted((state / "segments").glob("*/")):
        unread = read[directory.name].sequence if directory.name in read else None
        for sequence in sequences(directory)[:-1]:
            if unread is None or sequence < unread:
                yield _roll_or_report(segment_path(directory, sequence), state)


def roll_segment(segment: Path, state: Path) -> Rolled:
    """Roll one closed segment. Raises `OSError`; the segment is then still there."""
    name = f"{segment.parent.name}-{segment.stem}"
    aside = state / "rolling" / name
    files, rolled = _write_aside(segment, aside, f"{name}.parquet")
    for file in files:
        (state / "events" / file).parent.mkdir(parents=True, exist_ok=True)
        (aside / file).replace(state / "events" / file)
    _sync_directories([state / "events" / file for file in files], state)
    _retire(segment, state / "damaged" / f"{name}.seg" if rolled.damages else None)
    shutil.rmtree(aside, ignore_errors=True)
    return rolled


def _roll_or_report(segment: Path, state: Path) -> Rolled:
    try:
        return roll_segment(segment, state)
    except OSError as error:
        return Rolled(segment, Counter(), [], error)


def _write_aside(segment: Path, aside: Path, file_name: str) -> tuple[list[Path], Rolled]:
    """Write a segment's files below `aside`, synced; their paths relative to it."""
    rolled = Rolled(segment, Counter(), [])
    writers: dict[Path, pq.ParquetWriter] = {}
    with ExitStack() as stack:
        for chunks in _groups(read_closed(segment)):
            for (event, hour), rows in _by_hour(chunks).items():
                file = _partition(event, hour) / file_name
                if file not in writers:
                    writers[file] = stack.enter_context(_parquet(aside / file, event))
                writers[file].write_table(arrow_table(event, rows))
                rolled.rows[event] += len(rows)
            rolled.damages.extend(damage for chunk in chunks for damage in chunk.damages)
    for file in writers:
        _sync(aside / file)
    return list(writers), rolled


def _groups(chunks: Iterator[Chunk]) -> Iterator[list[Chunk]]:
    while group := list(islice(chunks, ROW_GROUP_CHUNKS)):
        yield group


def _by_hour(chunks: list[Chunk]) -> dict[tuple[type[Event], int], list[Event]]:
    rows: dict[tuple[type[Event], int], list[Event]] = defaultdict(list)
    for chunk in chunks:
        for event in chunk.events:
            rows[type(event), event.at_ms // HOUR_MS].append(event)
    return rows


def _partition(event: type[Event], hour: int) -> Path:
    start = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC)
    return Path(event.__name__.lower(), f"date={start:%Y-%m-%d}", f"hour={start:%H}")


def _parquet(path: Path, event: type[Event]) -> pq.ParquetWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(path, arrow_schema(event), compression="zstd")


def _retire(segment: Path, damaged: Path | None) -> None:
    """Remove a segment whose events are all in Parquet; keep the file where some of it could not be read."""
    if damaged is None:
        segment.unlink()
    else:
        damaged.parent.mkdir(exist_ok=True)
        segment.replace(damaged)
        _sync(damaged.parent)
    _sync(segment.parent)


def _sync_directories(files: list[Path], root: Path) -> None:
    """Put the names of `files` on disk, and those of all directories down from `root`."""
    for directory in {parent for file in files for parent in file.parents if parent.is_relative_to(root)}:
        _sync(directory)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
