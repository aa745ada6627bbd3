"""Reading what the workers record, while they record it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from bidder.events.reader import Position, sequences, tail
from bidder.events.schema import Event

_log = structlog.get_logger()


class Tails:
    """How far the segments of each worker have been read; begins with what is recorded from here on."""

    def __init__(self, segments: Path, workers: int) -> None:
        self._segments = segments
        writers = [f"worker-{worker}" for worker in range(workers)]
        self.positions: Mapping[str, Position] = {
            name: Position(max(sequences(segments / name), default=0) + 1) for name in writers
        }
        """By writer: all before it was read."""

    async def read(self) -> list[Event]:
        """What came in since the last call. Raises `OSError`."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> list[Event]:
        events: list[Event] = []
        positions = dict(self.positions)
        for name, position in self.positions.items():
            if not (self._segments / name).is_dir():
                continue
            found = tail(self._segments / name, position)
            events += found.events
            positions[name] = found.position
            for damage in found.damages:
                _log.error("an event record cannot be read", **damage._asdict())
        self.positions = positions
        return events
