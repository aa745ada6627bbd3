"""The open-loop sender: each request leaves when it is due, whatever became of those before it.

A connection carries one request at a time and is kept. Where none is free, a request waits for one, and the wait counts
as latency: the clock of a request starts when it was due, not when it was sent. One that waits too long is given up.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import NamedTuple, cast

from loadtests.alarm import Alarm
from loadtests.arrivals import Pacer
from loadtests.record import Outcome, Record
from loadtests.sender_connection import Connection
from loadtests.target import NotReachableError, Target
from loadtests.template import Magazine, Shot
from loadtests.wire import Answer

MOST_PER_TURN = 128
"""Requests sent before answers are looked at again."""
SWEEP_S = 0.02
RECONNECT_S = 0.05
"""The pause after a connection that could not be opened."""


class Terms(NamedTuple):
    """How to send."""

    connections: int = 64
    patience_s: float = 1.0
    """How long an answer is waited for."""
    queue_s: float = 1.0
    """How long a request waits for a free connection."""


class Sender:
    """One run. Made and used inside a running event loop."""

    def __init__(self, target: Target, magazine: Magazine, record: Record, terms: Terms) -> None:
        self._target = target
        self._magazine = magazine
        self._record = record
        self._terms = terms
        self._free: deque[Connection] = deque()
        self._busy: dict[Connection, None] = {}
        """In the order of sending."""
        self._waiting: deque[tuple[int, float]] = deque()
        """Numbers of requests, and when they were due."""
        self._open: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._numbers = 0
        self._ended = False
        self._done = asyncio.Event()

    async def run(self, arrivals: Iterator[float]) -> float:
        """Send all arrivals; the seconds from the start until the last was sent. Raises `NotReachableError`.

        Ends at most twice the patience after the last arrival.
        """
        await self._connect_all()
        loop = asyncio.get_running_loop()
        self._alarm = Alarm(loop, self._send_due)
        self._pacer = Pacer(arrivals, monotonic)
        self.last_sent_s = 0.0
        self._send_due()
        sweeping = loop.create_task(self._sweep())
        try:
            await self._done.wait()
        finally:
            self._ended = True
            self._alarm.close()
            sweeping.cancel()
            self._close()
        return self.last_sent_s

    async def _connect_all(self) -> None:
        try:
            for _ in range(self._terms.connections):
                await self._connect()
        except OSError as error:
            self._ended = True
            self._close()
            raise NotReachableError(self._target.url, error) from error

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: Connection(self), self._target.host, self._target.port)

    def _send_due(self) -> None:
        pacer = self._pacer
        for due_s in pacer.due(MOST_PER_TURN):
            number = self._numbers
            self._numbers += 1
            if self._free:
                self._record.sent_at_once(due_s, self._send(self._free.popleft(), number, due_s) - due_s)
            else:
                self._waiting.append((number, due_s))
        if pacer.next_at_s is None:
            self._end_if_done()
        else:
            self._alarm.ring_at(pacer.next_at_s)

    def _send(self, connection: Connection, number: int, due_s: float) -> float:
        shot = self._magazine.shot(number)
        self.last_sent_s = monotonic() - self._pacer.started_s
        self._busy[connection] = None
        connection.send(shot, due_s, self.last_sent_s)
        return self.last_sent_s

    def answered(self, connection: Connection, answer: Answer) -> None:
        """A connection has its answer."""
        shot = connection.shot
        if shot is None:
            connection.give_up(Outcome.BROKEN, "an answer to nothing")
            return
        latency_s = monotonic() - self._pacer.started_s - connection.due_s
        self._record.answered(shot, answer, connection.due_s, latency_s)
        connection.shot = None
        del self._busy[connection]
        if answer.keeps_open:
            self.freed(connection)
        else:
            self.lost(connection, Outcome.BROKEN, "")
            cast("asyncio.Transport", connection.transport).close()
        self._end_if_done()

    def joined(self, connection: Connection) -> None:
        """A connection is open."""
        self._open.add(connection)
        self.freed(connection)

    def freed(self, connection: Connection) -> None:
        """A connection can carry a request."""
        if self._waiting:
            self._give_up_waiting()
        if self._waiting:
            self._send(connection, *self._waiting.popleft())
            self._record.sent_after_waiting()
        else:
            self._free.append(connection)

    def lost(self, connection: Connection, outcome: Outcome, why: str) -> None:
        """A connection is gone; another takes its place."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        if connection in self._busy:
            del self._busy[connection]
            shot = cast("Shot", connection.shot)
            latency_s = monotonic() - self._pacer.started_s - connection.due_s
            self._record.unanswered(shot, outcome, connection.due_s, latency_s, why)
        elif connection in self._free:
            self._free.remove(connection)
        if not self._ended:
            task = asyncio.get_running_loop().create_task(self._replace())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            self._end_if_done()

    async def _replace(self) -> None:
        while not self._ended:
            try:
                await self._connect()
            except OSError as error:
                self._record.errors[f"connect: {type(error).__name__}"] += 1
                await asyncio.sleep(RECONNECT_S)
            else:
                return

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self._give_up_waiting()
            oldest_s = monotonic() - self._pacer.started_s - self._terms.patience_s
            for connection in self._overdue(oldest_s):
                connection.give_up(Outcome.TIMED_OUT, "no answer in time")
            self._end_if_done()

    def _give_up_waiting(self) -> None:
        waiting, queue_s = self._waiting, self._terms.queue_s
        oldest_s = monotonic() - self._pacer.started_s - queue_s
        while waiting and waiting[0][1] < oldest_s:
            number, due_s = waiting.popleft()
            unsent = self._magazine.unsent(number)
            self._record.unanswered(unsent, Outcome.UNSENT, due_s, queue_s, "no connection was free")

    def _end_if_done(self) -> None:
        if self._pacer.next_at_s is None and not self._waiting and not self._busy:
            self._done.set()

    def _overdue(self, oldest_s: float) -> list[Connection]:
        found: list[Connection] = []
        for connection in self._busy:
            if connection.sent_s >= oldest_s:
                break
            found.append(connection)
        return found

    def _close(self) -> None:
        for task in self._opening:
            task.cancel()
        for connection in list(self._open):
            if connection.transport is not None:
                connection.transport.abort()
