"""The web port: how many connections it holds."""

import asyncio
import socket

import pytest

from bidder.processes import web_port as module
from bidder.processes.ports import bound
from bidder.processes.web_port import TOO_MANY, WebPort

REQUEST = b"GET /nothing HTTP/1.1\r\nHost: web\r\n\r\n"


async def asked(address: tuple[str, int]) -> tuple[asyncio.StreamWriter, bytes]:
    """A connection that stays, and what it is told."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(REQUEST)
    return writer, await reader.readuntil(b"\r\n\r\n")


async def test_a_connection_too_many_is_asked_to_call_again_and_taken_once_another_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 2)
    port = WebPort([], lambda: "", 1.0)
    listening: socket.socket = bound("127.0.0.1", 0, "--web-port")
    address = listening.getsockname()
    await port.listen(listening)
    first, said = await asked(address)
    assert b" 404 " in said
    second, _ = await asked(address)
    third, said = await asked(address)
    assert said == TOO_MANY
    first.close()
    async with asyncio.timeout(60):
        while said == TOO_MANY:
            third.close()
            third, said = await asked(address)
    assert b" 404 " in said
    await port.close()
    for each in (second, third):
        each.close()
