"""Segment files read: by the control process as they grow, and by the roller once they are closed.

A segment is closed when its directory holds one with a higher sequence; from then on it never changes. Damage costs at
most the rest of its own segment, and is reported, never raised.
"""

import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import msgspec

from bidder.events.frame import HEADER, PREFIX_BYTES, Fault, Frames, first_frame_bytes, unframe
from bidder.events.schema import Event, decode

CHUNK_BYTES = 1 << 20


class Position(msgspec.Struct, frozen=True, order=True):
    """How far the segments of one writer have been read. The default is the oldest there is."""

    sequence: int = 0
    offset: int = 0


class Damage(NamedTuple):
    """Something in a segment that could not be read."""

    segment: Path
    offset: int
    """Of the record."""
    skipped_bytes: int
    """What the reader passed over: one record, or all that the segment then held from `offset` on."""
    what: str


class Chunk(NamedTuple):
    """What one read of a segment gave."""

    events: list[Event]
    damages: list[Damage]
    end: int | None
    """Offset to read on from; None where the segment has no more to give."""


class Tail(NamedTuple):
    """What a writer recorded since a position, and the position after it."""

    events: list[Event]
    position: Position
    damages: list[Damage]


def segment_path(directory: Path, sequence: int) -> Path:
    """The file of a writer's segment."""
    return directory / f"{sequence:012d}.seg"


def sequences(directory: Path) -> list[int]:
    """The sequences of a writer's segments, ascending; none where there is no such directory."""
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(int(name[:-4]) for name in names if name.endswith(".seg") and name[:-4].isdigit())


def tail(directory: Path, position: Position, max_bytes: int = 4 * CHUNK_BYTES) -> Tail:
    """What the writer of `directory` recorded after `position`, about `max_bytes` of it at most.

    Call again with the new position until it no longer changes. A record that is still being written is left for later.
    A record is seen exactly once, whatever happens to writer and reader in between, provided that segments from
    `position.sequence` on are not removed and that the position is kept together with what was made of the events.
    """
    events: list[Event] = []
    damages: list[Damage] = []
    # Listed before reading: a segment that had a successor then is complete.
    ahead = [sequence for sequence in sequences(directory) if sequence >= position.sequence]
    for sequence in ahead:
        if max_bytes <= 0:
            break
        position, before = max(position, Position(sequence)), None
        while max_bytes > 0 and position.sequence == sequence and position != before:
            before = position
            chunk = read_segment(segment_path(directory, sequence), position.offset, closed=sequence != ahead[-1])
            events += chunk.events
            damages += chunk.damages
            position = Position(sequence + 1) if chunk.end is None else Position(sequence, chunk.end)
            max_bytes -= CHUNK_BYTES
    return Tail(events, position, damages)


def read_closed(segment: Path) -> Iterator[Chunk]:
    """A closed segment, in chunks of bounded size."""
    offset: int | None = 0
    while offset is not None:
        chunk = read_segment(segment, offset, closed=True)
        offset = chunk.end
        yield chunk


def read_segment(segment: Path, offset: int, *, closed: bool) -> Chunk:
    """About `CHUNK_BYTES` of a segment from `offset`, which is 0 or the `end` of an earlier chunk. Raises `OSError`."""
    with segment.open("rb", buffering=0) as file:
        frames, at_end = _frames(file, offset)
        size = os.fstat(file.fileno()).st_size
    events, damages = _decoded(segment, frames)
    waiting = frames.fault is Fault.INCOMPLETE and not closed
    if frames.fault is not None and not waiting:
        damages.append(Damage(segment, frames.end, size - frames.end, frames.fault.value))
        return Chunk(events, damages, None)
    return Chunk(events, damages, None if closed and at_end else frames.end)


def sound_bytes(segment: Path) -> tuple[int, Fault | None]:
    """The length of the sound part of a segment, and what follows it. Raises `OSError`."""
    with segment.open("rb", buffering=0) as file:
        end, fault, at_end = 0, None, False
        while not at_end and fault is None:
            (_, end, fault), at_end = _frames(file, end)
    return end, fault


def _frames(file: FileIO, offset: int) -> tuple[Frames, bool]:
    """The frames of one chunk, with offsets in the file, and whether the chunk reaches the end of the file."""
    if offset == 0:
        header = os.pread(file.fileno(), len(HEADER), 0)
        if header != HEADER:
            return Frames([], 0, Fault.INCOMPLETE if HEADER.startswith(header) else Fault.HEADER), True
        offset = len(HEADER)
    data = os.pread(file.fileno(), CHUNK_BYTES, offset)
    wanted = max(CHUNK_BYTES, first_frame_bytes(data))
    if wanted > CHUNK_BYTES:
        data = os.pread(file.fileno(), wanted, offset)
    at_end = len(data) < wanted
    payloads, end, fault = unframe(data)
    if fault is Fault.INCOMPLETE and not at_end:
        fault = None  # the chunk ends inside a record, the file does not
    return Frames([(offset + start, payload) for start, payload in payloads], offset + end, fault), at_end


def _decoded(segment: Path, frames: Frames) -> tuple[list[Event], list[Damage]]:
    events: list[Event] = []
    damages: list[Damage] = []
    for offset, payload in frames.payloads:
        try:
            events.append(decode(payload))
        except msgspec.DecodeError as error:
            damages.append(Damage(segment, offset, PREFIX_BYTES + len(payload), str(error)))
    return events, damages
