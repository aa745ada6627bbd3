"""A bid port made of a few lines, as slow and as odd as a test wants it; in a thread of its own on a free port."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import orjson

Respond = Callable[[bytes], Awaitable[bytes]]
"""From the body of a request to the whole HTTP answer; empty to close the connection."""

NO_BID = b"HTTP/1.1 204 No Content\r\nx-no-bid-reason: below_floor\r\n\r\n"


def answered(body: bytes, status: str = "200 OK") -> bytes:
    """An HTTP answer with a body."""
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body),
        body,
    )


def a_bid(request: bytes, **changes: object) -> bytes:
    """A good answer to a bid request, with changes to its bid."""
    asked = orjson.loads(request)
    bid = {"id": "b", "impid": asked["imp"][0]["id"], "price": 90.0, "cid": "c", "crid": "k", "adm": "<a>"}
    bid |= {"adomain": ["shop.example"], **changes}
    cur = (asked.get("cur") or ["USD"])[0]
    return orjson.dumps({"id": asked["id"], "cur": cur, "seatbid": [{"bid": [bid]}]})


async def no_bid(_request: bytes) -> bytes:
    """A refusal with a reason."""
    return NO_BID


async def bid(request: bytes) -> bytes:
    """A good bid."""
    return answered(a_bid(request))


@contextmanager
def bid_port(respond: Respond) -> Iterator[str]:
    """The URL of a running stub."""
    started = threading.Event()
    places: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []

    async def serve() -> None:
        server = await asyncio.start_server(lambda reader, writer: _talk(respond, reader, writer), "127.0.0.1", 0)
        ended = asyncio.Event()
        places.append((asyncio.get_running_loop(), ended, server.sockets[0].getsockname()[1]))
        started.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait()
    ((loop, ended, port),) = places
    try:
        yield f"http://127.0.0.1:{port}/openrtb2/demo"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


async def _talk(respond: Respond, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = re.search(rb"Content-Length: (\d+)", head)
            assert size is not None
            answer = await respond(await reader.readexactly(int(size[1])))
            if not answer:
                return
            writer.write(answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()
