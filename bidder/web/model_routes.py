"""The models on the web port, for operations.

GET   /api/models                    what answers, since when, what is refused and why
POST  /api/models/NAME/promote       {"version": "3", "why": "..."}: a version becomes the champion
POST  /api/models/NAME/rollback      {"why": "..."}: the one before it is the champion again
POST  /api/models/NAME/canary        {"version": "4", "share": 0.05}: it answers a share of users; no version: none
POST  /api/models/NAME/shadow        {"version": "4"}: it is scored beside the champion; no version: none

A change writes the pointer files that `bidder model` writes; it is live within a second. Bodies are JSON and say so,
since a browser sends no such thing to strangers without asking.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

import msgspec
from aiohttp import web

from models.errors import RefusedError, StoreError

BODY_SECONDS = 5.0
_json = msgspec.json.Encoder()


class Desk(Protocol):
    """Who knows and moves the models."""

    def status(self) -> msgspec.Struct:
        """Everything there is to tell. Reads files."""

    async def promote(self, name: str, version: str, why: str) -> None:
        """Make a version the champion. Raises `RefusedError`, `StoreError`."""

    async def rollback(self, name: str, why: str) -> None:
        """Make the previous version the champion again. Raises `StoreError`."""

    async def canary(self, name: str, version: str, share: float, why: str) -> None:
        """Let a version answer a share of the users. Raises `RefusedError`, `StoreError`."""

    async def shadow(self, name: str, version: str, why: str) -> None:
        """Score a version beside the champion. Raises `RefusedError`, `StoreError`."""

    def clear(self, name: str, role: Literal["shadow", "canary"], why: str) -> None:
        """Take a role away. Raises `StoreError`."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a change."""

    version: str = ""
    share: float = 0.05
    why: str = ""


class ModelRoutes:
    """Answers for the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its routes."""
        router.add_get("/api/models", self._status)
        router.add_post("/api/models/{name}/promote", self._promote)
        router.add_post("/api/models/{name}/rollback", self._rollback)
        router.add_post("/api/models/{name}/canary", self._canary)
        router.add_post("/api/models/{name}/shadow", self._shadow)

    async def _status(self, _: web.Request) -> web.Response:
        return await self._told()

    async def _promote(self, request: web.Request) -> web.Response:
        return await self._change(
            request, lambda asked: self._desk.promote(request.match_info["name"], asked.version, asked.why)
        )

    async def _rollback(self, request: web.Request) -> web.Response:
        return await self._change(request, lambda asked: self._desk.rollback(request.match_info["name"], asked.why))

    async def _canary(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        async def change(asked: Asked) -> None:
            if asked.version:
                await self._desk.canary(name, asked.version, asked.share, asked.why)
            else:
                self._desk.clear(name, "canary", asked.why)

        return await self._change(request, change)

    async def _shadow(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]

        async def change(asked: Asked) -> None:
            if asked.version:
                await self._desk.shadow(name, asked.version, asked.why)
            else:
                self._desk.clear(name, "shadow", asked.why)

        return await self._change(request, change)

    async def _change(self, request: web.Request, change: Callable[[Asked], Awaitable[None]]) -> web.Response:
        if request.content_type != "application/json":
            return _problem(415, "a change is application/json")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                asked = msgspec.json.decode(await request.read() or b"{}", type=Asked)
            await change(asked)
        except TimeoutError:
            return _problem(408, "the body did not come in time")
        except msgspec.DecodeError as error:
            return _problem(400, f"not a change: {error}")
        except RefusedError as error:
            return _problem(409, str(error), error.reasons)
        except StoreError as error:
            return _problem(404, str(error))
        return await self._told()

    async def _told(self) -> web.Response:
        body = msgspec.json.format(_json.encode(await asyncio.to_thread(self._desk.status)))
        return web.Response(body=body, content_type="application/json")


def _problem(status: int, text: str, reasons: tuple[str, ...] = ()) -> web.Response:
    body = _json.encode({"error": text, "reasons": reasons} if reasons else {"error": text})
    return web.Response(status=status, body=body, content_type="application/json")
