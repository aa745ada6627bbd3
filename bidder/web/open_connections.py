"""The connections of a server on the bid port: how many there may be, and waiting for the last of them."""

import asyncio
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

import structlog

from bidder.clock import Clock
from bidder.web.bid_limits import ConnectionCounts

LOG_FAULT_SECONDS = 1.0
"""Faults are counted one by one, but logged at most once in this time."""

_log = structlog.get_logger()


class Abortable(Protocol):
    """What is needed of a connection."""

    def abort(self) -> None:
        """End it at once."""


Each = TypeVar("Each", bound=Abortable)


class OpenConnections(Generic[Each]):
    """Those that are open; made inside a running event loop."""

    def __init__(self, most: int, counts: ConnectionCounts) -> None:
        self._most = most
        self._counts = counts
        self._open: set[Each] = set()
        self._emptied = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Each]:
        """Over a copy, since what is done with a connection may end it."""
        return iter(list(self._open))

    def admit(self, connection: Each) -> bool:
        """Whether one more connection is taken."""
        if len(self._open) >= self._most:
            self._counts.refused += 1
            return False
        self._open.add(connection)
        self._counts.opened += 1
        return True

    def forget(self, connection: Each) -> None:
        """The connection is gone."""
        self._open.discard(connection)
        if not self._open:
            self._emptied.set()

    async def drain(self, seconds: float) -> None:
        """Return when all are gone; after so many seconds end those that are not."""
        try:
            async with asyncio.timeout(seconds):
                while self._open:
                    self._emptied.clear()
                    await self._emptied.wait()
        except TimeoutError:
            self._abort_all()

    def _abort_all(self) -> None:
        if self._open:
            _log.warning("the drain ended before all requests did", connections=len(self._open))
        for connection in self:
            connection.abort()


class Faults:
    """Faults of ours while deciding: each is counted, and some are logged. Callers never learn of them."""

    def __init__(self, counts: ConnectionCounts, stopwatch: Clock) -> None:
        self._counts = counts
        self._stopwatch = stopwatch
        self._next_log_s = 0.0

    def note(self, error: BaseException | None) -> None:
        """One more."""
        self._counts.faults += 1
        now_s = self._stopwatch()
        if now_s >= self._next_log_s:
            self._next_log_s = now_s + LOG_FAULT_SECONDS
            _log.error("a request could not be decided", exc_info=error, faults=self._counts.faults)
