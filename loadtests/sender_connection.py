"""A connection of the open-loop sender: one request at a time, and its answer."""

import asyncio
from typing import Protocol, cast

from loadtests.record import Outcome
from loadtests.template import Shot
from loadtests.wire import Answer, UnreadableError, read_answer


class Owner(Protocol):
    """Who sends over connections."""

    def joined(self, connection: "Connection") -> None:
        """A connection is open."""

    def answered(self, connection: "Connection", answer: Answer) -> None:
        """A connection has its answer."""

    def lost(self, connection: "Connection", outcome: Outcome, why: str) -> None:
        """A connection is gone."""


class Connection(asyncio.Protocol):
    """One connection to the bid port, with the request that it carries."""

    __slots__ = ("_data", "_sender", "due_s", "sent_s", "shot", "transport")

    def __init__(self, sender: Owner) -> None:
        self._sender = sender
        self._data = b""
        self.shot: Shot | None = None
        self.due_s = self.sent_s = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready for a request."""
        self.transport = cast("asyncio.Transport", transport)
        self._sender.joined(self)

    def send(self, shot: Shot, due_s: float, now_s: float) -> None:
        """Send a request; the connection must be free."""
        assert self.transport is not None  # noqa: S101 - freed() is called with a transport alone
        self.shot, self.due_s, self.sent_s = shot, due_s, now_s
        self.transport.write(shot.wire)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        if self._data:
            data = self._data + data
        try:
            answer = read_answer(data)
        except UnreadableError as error:
            self.give_up(Outcome.BROKEN, f"unreadable: {error}")
            return
        if answer is None:
            self._data = data
            return
        self._data = b""
        self._sender.answered(self, answer)

    def give_up(self, outcome: Outcome, why: str) -> None:
        """End the connection, and what it carries with it."""
        self._sender.lost(self, outcome, why)
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """The peer closed it, or we did."""
        self._sender.lost(self, Outcome.BROKEN, type(error).__name__ if error else "closed by the server")
