"""Sending notices: each once or twice, in time or late, again on failure, and never more often than a bound."""

import asyncio
from http import HTTPStatus
from typing import Final

import aiohttp
from msgspec import Struct

from bidder.lab.exchange.client import read_body
from bidder.lab.exchange.fate import Fate
from bidder.lab.exchange.notices import ACKNOWLEDGED, REDIRECTS, Account, Kind
from bidder.lab.exchange.routes import Destination, Routes
from bidder.lab.exchange.tempo import Tempo

ATTEMPTS: Final = 3
"""The most often that one notice is sent until it is acknowledged."""

_FIRST_BACKOFF_S = 0.2
_MAX_BODY_BYTES = 1 << 20


class Reply(Struct, frozen=True):
    """An acknowledgement."""

    status: int
    location: str | None
    body: bytes


class Courier:
    """Delivers notices and keeps their accounts."""

    def __init__(
        self, session: aiohttp.ClientSession, routes: Routes, accounts: dict[Kind, Account], tempo: Tempo
    ) -> None:
        self._session = session
        self._routes = routes
        self._accounts = accounts
        self._tempo = tempo

    async def deliver(self, kind: Kind, url: str, fate: Fate, ua: str) -> Reply | None:
        """Send a GET to `url` as `fate` has it. Returns the reply that acknowledged it, `None` if there is none."""
        account = self._accounts[kind]
        destination = self._routes.resolve(url)
        if destination is None:
            account.elsewhere += 1
            return None
        headers = {"User-Agent": ua}
        if destination.host:
            headers["Host"] = destination.host
        first = self._deliver_once(kind, destination, headers, fate.late.get(kind, 0.0))
        if kind not in fate.copied:
            return await first
        account.copies += 1
        reply, _ = await asyncio.gather(first, self._deliver_once(kind, destination, headers, 0.0))
        return reply

    async def _deliver_once(
        self, kind: Kind, destination: Destination, headers: dict[str, str], delay_s: float
    ) -> Reply | None:
        account = self._accounts[kind]
        account.due += 1
        account.late += delay_s > 0
        try:
            await self._tempo.sleep(delay_s)
            reply = await self._attempts(kind, destination, headers)
        except asyncio.CancelledError:
            account.abandoned += 1
            raise
        if isinstance(reply, str):
            account.failed[reply] += 1
            return None
        account.acknowledged += 1
        return reply

    async def _attempts(self, kind: Kind, destination: Destination, headers: dict[str, str]) -> Reply | str:
        """The acknowledgement, or why the last attempt failed."""
        outcome = await self._attempt(kind, destination, headers)
        for retry in range(1, ATTEMPTS):
            if isinstance(outcome, Reply):
                break
            self._accounts[kind].retries += 1
            await self._tempo.sleep(_FIRST_BACKOFF_S * 2**retry)
            outcome = await self._attempt(kind, destination, headers)
        return outcome

    async def _attempt(self, kind: Kind, destination: Destination, headers: dict[str, str]) -> Reply | str:
        try:
            async with self._session.get(destination.url, headers=headers, allow_redirects=False) as response:
                body = await read_body(response, _MAX_BODY_BYTES)
                reply = Reply(response.status, response.headers.get("Location"), body)
        except TimeoutError:
            return "timeout"
        except aiohttp.ClientError as error:
            return type(error).__name__
        return _refusal(kind, reply) or reply


def _refusal(kind: Kind, reply: Reply) -> str | None:
    """Why a reply settles nothing, `None` where it does."""
    if kind is Kind.CLICK:
        if reply.status in REDIRECTS:
            return None if reply.location else "redirect without Location"
    elif reply.status in ACKNOWLEDGED:
        return None
    phrase = HTTPStatus(reply.status).phrase if reply.status in _STATUSES else ""
    return f"{reply.status} {phrase}".strip()


_STATUSES = frozenset(int(status) for status in HTTPStatus)
