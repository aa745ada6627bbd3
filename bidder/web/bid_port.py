"""The bid port, whichever way its sockets are read."""

import socket
import ssl
from collections.abc import Callable
from typing import Literal, Protocol

from bidder.web.bid_handler import BidHandler
from bidder.web.bid_limits import ConnectionCounts, Limits
from bidder.web.listener.server import BidListener

Transport = Literal["listener", "aiohttp"]


class BidPort(Protocol):
    """A server on the bid port."""

    handler: BidHandler
    counts: ConnectionCounts

    async def listen(self, bound: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Accept connections from here on, encrypted where `tls` is given."""

    @property
    def open_connections(self) -> int:
        """How many there are."""

    def sweep(self) -> None:
        """End the connections that take too long; to be called several times a second."""

    async def drain(self, seconds: float) -> None:
        """Stop listening, let what is under way finish for at most so many seconds, and close all connections."""


def bid_port(
    transport: Transport, handler: BidHandler, limits: Limits, at_rest: Callable[[], None] = lambda: None
) -> BidPort:
    """A server that does not listen yet; to be made inside a running event loop.

    `at_rest` is called when no request waits, by the listener alone.
    """
    if transport == "aiohttp":
        from bidder.web.bid_app import BidServer  # noqa: PLC0415 - aiohttp would be a fifth of a worker's start

        return BidServer(handler, limits)
    return BidListener(handler, limits, at_rest=at_rest)
