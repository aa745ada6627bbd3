"""Requests posted to a bidder over HTTP: at a rate or as fast as it answers, bounded in flight, count and time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from itertools import islice
from typing import Final

import aiohttp
import msgspec
from msgspec import Raw, Struct
from yarl import URL

from bidder.lab.feed.pace import Pace
from bidder.lab.feed.recorded import Recorded

HEADERS: Final = {"content-type": "application/json", "x-openrtb-version": "2.6"}
ANSWER_SECONDS: Final = 10.0
"""How long an answer is waited for; a bidder is late long before."""

NO_BID_REASON_HEADERS: Final = ("x-nbr", "x-no-bid-reason")
"""Headers in which bidders say why a 204 holds no bid. OpenRTB has no place for it there."""


class UnreachableError(Exception):
    """Nothing accepts connections at the URL, at the start or any more."""


class Plan(Struct, frozen=True, kw_only=True):
    """How to send."""

    url: URL
    rate: float = 0.0  # requests a second; 0: the next when an answer comes
    limit: int = 20_000  # requests
    seconds: float = 600.0  # no request is sent after that
    in_flight: int = 32  # requests without an answer yet
    tmax_ms: int | None = None  # overrides `tmax` of every request

    def __post_init__(self) -> None:
        """Raises `ValueError` for a URL of another machine: recorded requests are for tests, never for strangers."""
        if not _is_loopback(self.url):
            raise ValueError(f"url: expected http on this machine, such as http://127.0.0.1:8000, found {self.url}")
        if self.rate < 0 or min(self.limit, self.seconds, self.in_flight, self.tmax_ms or 1) <= 0:
            raise ValueError("limit, seconds, in_flight and tmax: expected above 0; rate: 0 or more")


class Answer(Struct, frozen=True):
    """What came back for one request."""

    status: int  # 0 where nothing came
    body: bytes = b""
    failure: str = ""  # why nothing came
    no_bid_reason: str | None = None  # of the header
    latency_ms: float = 0.0  # from the moment the request was due


Receive = Callable[[Recorded, Answer], None]


async def send(requests: Iterable[Recorded], plan: Plan, receive: Receive) -> None:
    """Posts the requests and hands each with its answer to `receive`, in the order of the answers.

    At a rate each request has a moment at which it is due, whether or not earlier ones are answered; where `in_flight`
    is exhausted it leaves later, and the wait is part of its latency. Raises `UnreachableError` once a connection is
    refused, after `receive` has had all answers up to then.
    """
    numbered = enumerate(islice(requests, plan.limit))  # shared: each worker takes the next
    pace = Pace(plan.rate, plan.seconds, time.monotonic)
    async with _session(plan) as session:

        async def worker() -> None:
            for index, request in numbered:
                due = pace.due(index)
                if due is None:
                    return
                await asyncio.sleep(pace.wait(due))
                body = request.body if plan.tmax_ms is None else with_tmax(request.body, plan.tmax_ms)
                answer = await _post(session, plan.url, body)
                receive(request, msgspec.structs.replace(answer, latency_ms=pace.late_ms(due)))

        workers = [asyncio.create_task(worker()) for _ in range(plan.in_flight)]
        try:
            await asyncio.gather(*workers)
        finally:
            for each in workers:
                each.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


@asynccontextmanager
async def _session(plan: Plan) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=plan.in_flight)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=HEADERS) as session:
        yield session


async def _post(session: aiohttp.ClientSession, url: URL, body: bytes) -> Answer:
    try:
        async with session.post(url, data=body, allow_redirects=False) as response:
            found = await response.read()
            reason = next((response.headers[name] for name in NO_BID_REASON_HEADERS if name in response.headers), None)
            return Answer(response.status, found, no_bid_reason=reason)
    except aiohttp.ClientConnectorError as error:
        raise UnreachableError(f"{url}: {error}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(0, failure=type(error).__name__)


def with_tmax(body: bytes, tmax_ms: int) -> bytes:
    """`body` with another `tmax` and otherwise the bytes it had; unchanged where it is no JSON object."""
    try:
        members = msgspec.json.decode(body, type=dict[str, Raw])
    except msgspec.DecodeError:
        return body
    members["tmax"] = Raw(str(tmax_ms).encode())
    return msgspec.json.encode(members)


def _is_loopback(url: URL) -> bool:
    if url.scheme != "http" or url.host is None:
        return False
    if url.host == "localhost":
        return True
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return False
