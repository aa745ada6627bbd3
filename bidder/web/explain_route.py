"""Why each campaign would bid on a request, or not, by the live configuration, models, pacing and grants.

POST /api/explain?exchange=NAME&campaign=ID     the body is a bid request; the answer is JSON
"""

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

from bidder.clock import Clock
from bidder.engine import Engine
from bidder.explain.explanation import Explanation, explain
from models.errors import RefusedError
from openrtb import DecodeError, decode_request
from openrtb.request import BidRequest

BODY_SECONDS = 5.0
WAITING = 8
"""Explaining takes long where there are many campaigns: one at a time, and no longer queue than this."""

_json = msgspec.json.Encoder()


class ExplainRoute:
    """Explains with an engine that decides as those of the workers do, and moves no money."""

    def __init__(self, engine: Callable[[], Engine], clock: Clock) -> None:
        """`engine` is asked for what is live, off the event loop; it may raise `models.errors.RefusedError`."""
        self._engine = engine
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waiting = 0

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its route."""
        router.add_post("/api/explain", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                bid_request = decode_request(await request.read())
        except TimeoutError:
            return _problem(408, "the body did not come in time")
        except DecodeError as error:
            return _problem(400, f"not a bid request: {error}")
        if self._waiting >= WAITING:
            return _problem(429, "too many explanations are under way; ask again later")
        self._waiting += 1
        try:
            async with self._turn:
                explanation = await asyncio.to_thread(
                    self._explain, bid_request, request.query.get("exchange"), request.query.get("campaign")
                )
        except RefusedError as error:
            return _problem(503, f"models are being swapped; ask again: {error}")
        finally:
            self._waiting -= 1
        return web.Response(body=_json.encode(explanation), content_type="application/json")

    def _explain(self, request: BidRequest, exchange: str | None, campaign: str | None) -> Explanation:
        """As if the request had just come from `exchange`, or else from the first one."""
        engine, now_s = self._engine(), self._clock()
        engine.snapshot.refresh(now_s)
        return explain(engine, request, exchange or min(engine.snapshot.exchanges, default=""), now_s, campaign)


def _problem(status: int, text: str) -> web.Response:
    return web.Response(status=status, body=_json.encode({"error": text}), content_type="application/json")
