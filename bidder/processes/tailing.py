"""Reading what the workers record: all of it at the start, then while they record it.

A segment stays until every bid in it has expired, so that a restart finds the open ones.
"""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog

from bidder.events.reader import Damage, Position, sequences, tail
from bidder.events.schema import Bid, Event
from bidder.ledger.outage import Outages
from bidder.processes.open_bids import Lasting, claim

_log = structlog.get_logger()


def worker_name(worker: int) -> str:
    """The name under which a worker records."""
    return f"worker-{worker}"


RETAINED_SECONDS = 10
"""Segments stay a little longer than the bids in them, for a restart that holds them a little longer."""


class Unexpired:
    """Until when segments are needed."""

    def __init__(self) -> None:
        self._until_s: dict[str, dict[int, int]] = {}

    def note(self, writer: str, sequence: int, expires_s: int) -> None:
        """A bid stands in this segment, or in one soon after it."""
        segments = self._until_s.setdefault(writer, {})
        segments[sequence] = max(expires_s + RETAINED_SECONDS, segments.get(sequence, 0))

    def first(self, writer: str, now_s: float) -> int | None:
        """The first segment of a writer that is still needed."""
        segments = self._until_s.get(writer, {})
        for sequence in [sequence for sequence, until_s in segments.items() if until_s <= now_s]:
            del segments[sequence]
        return min(segments, default=None)

    def writers(self) -> list[str]:
        """Those that have segments to keep."""
        return [writer for writer, segments in self._until_s.items() if segments]


def recorded_bids(segments: Path, unexpired: Unexpired, outages: Outages) -> Iterator[Lasting]:
    """The bids of all workers there ever were that may be held yet. The workers are gone. Raises `OSError`."""
    for directory in sorted(segments.glob("worker-*/")):
        position, before = Position(), None
        while position != before:
            before = position
            found = tail(directory, position)
            position = found.position
            _report(found.damages)
            for event in found.events:
                if isinstance(event, Bid) and not event.test and event.expires_ms > outages.earliest_s * 1000:
                    bid = claim(event)
                    term = outages.term(bid)
                    unexpired.note(directory.name, before.sequence, term.due_s)
                    yield bid, term


class Tails:
    """How far the segments of each worker have been read; begins with what is recorded from here on."""

    def __init__(self, segments: Path, workers: int, unexpired: Unexpired | None = None) -> None:
        self._segments = segments
        self._unexpired = unexpired or Unexpired()
        self._reading = asyncio.Lock()
        writers = [worker_name(worker) for worker in range(workers)]
        self.positions: Mapping[str, Position] = {
            name: Position(max(sequences(segments / name), default=0) + 1) for name in writers
        }
        """By writer: all before it was read."""

    def rollable(self, now_s: float) -> dict[str, Position]:
        """By writer: all before it was read, and is not needed any more."""
        found = dict(self.positions)
        for writer in {*found, *self._unexpired.writers()}:
            first = self._unexpired.first(writer, now_s)
            if first is not None:
                found[writer] = Position(first)
        return found

    async def read(self) -> dict[str, list[Event]]:
        """What came in since the last call, by writer. Raises `OSError`."""
        async with self._reading:
            return await self._read(list(self.positions))

    async def read_to_the_end(self, writer: str) -> list[Event]:
        """What a writer that is gone recorded since the last call. Raises `OSError`."""
        events: list[Event] = []
        async with self._reading:
            before = None
            while before != self.positions[writer]:
                before = self.positions[writer]
                events += (await self._read([writer]))[writer]
        return events

    async def _read(self, writers: list[str]) -> dict[str, list[Event]]:
        """The thread only reads: what is known is changed in the loop, where `rollable` is asked as well."""
        before = {name: self.positions[name] for name in writers}
        found = await asyncio.to_thread(_read_from, self._segments, before)
        for name, each in found.items():
            if each.expires_s:
                self._unexpired.note(name, before[name].sequence, each.expires_s)
        self.positions = {**self.positions, **{name: each.position for name, each in found.items()}}
        return {name: each.events for name, each in found.items()}


class _Read(NamedTuple):
    """What a writer recorded, how far it was read, and when the last of its bids expires; 0: there is none."""

    events: list[Event]
    position: Position
    expires_s: int


def _read_from(segments: Path, positions: Mapping[str, Position]) -> dict[str, _Read]:
    return {name: _read_one(segments / name, position) for name, position in positions.items()}


def _read_one(directory: Path, position: Position) -> _Read:
    if not directory.is_dir():
        return _Read([], position, 0)
    found = tail(directory, position)
    _report(found.damages)
    expires_ms = max((event.expires_ms for event in found.events if isinstance(event, Bid)), default=0)
    return _Read(found.events, found.position, -(-expires_ms // 1000))


def _report(damages: list[Damage]) -> None:
    for damage in damages:
        _log.error("an event record cannot be read", **damage._asdict())
