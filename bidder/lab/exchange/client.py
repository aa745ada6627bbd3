"""The HTTP client: kept connections, no cookies, no redirects followed, bounded bodies; and the call for bids."""

import gzip
from typing import Final

import aiohttp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from msgspec import Struct
from yarl import URL

from bidder.lab.exchange.traffic import Opportunity

MAX_ANSWER_BYTES: Final = 1 << 20
"""The largest answer that is read."""

TIMED_OUT: Final = "timeout"
"""Why there is no answer, where it took too long."""


class TooLargeError(aiohttp.ClientError):
    """A body beyond the bound."""


def open_session(connections: int, timeout_s: float) -> ClientSession:
    """A session with at most that many connections, each call bounded by `timeout_s`."""
    return ClientSession(
        connector=TCPConnector(limit=connections, keepalive_timeout=60.0),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=timeout_s),
        skip_auto_headers=("User-Agent", "Accept-Encoding"),
    )


async def read_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The whole body, inflated. Raises `TooLargeError`."""
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise TooLargeError(f"a body of more than {max_bytes} bytes")
    return body


class Answer(Struct, frozen=True):
    """What came back over HTTP."""

    status: int
    content_type: str
    body: bytes


class BidderCall:
    """Posts requests to one URL."""

    def __init__(self, session: ClientSession, url: URL) -> None:
        self._session = session
        self._url = url

    async def post(self, opportunity: Opportunity) -> Answer | str:
        """The answer, or why there is none: `TIMED_OUT`, or the kind of failure."""
        body = gzip.compress(opportunity.body, 1) if opportunity.compress else opportunity.body
        headers = _HEADERS[opportunity.version, opportunity.compress]
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                answer = await read_body(response, MAX_ANSWER_BYTES)
                return Answer(response.status, response.content_type, answer)
        except TimeoutError:
            return TIMED_OUT
        except TooLargeError:
            return f"an answer of more than {MAX_ANSWER_BYTES} bytes"
        except aiohttp.ClientError as error:
            return type(error).__name__


def _headers(version: str, *, compress: bool) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "x-openrtb-version": version}
    return headers | {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"} if compress else headers


_HEADERS: Final = {
    (version, compress): _headers(version, compress=compress)
    for version in ("2.5", "2.6")
    for compress in (False, True)
}
