"""Why each campaign would bid on a request, or not, as the live configuration has it.

POST /api/explain?exchange=NAME&campaign=ID     the body is a bid request; the answer is JSON
"""

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.score import FixedPredictor
from bidder.clock import Clock
from bidder.config.schema import Config
from bidder.engine import Engine
from bidder.explain.explanation import Explanation, explain
from bidder.pacing.purse import OpenPurse
from openrtb import DecodeError, decode_request
from openrtb.request import BidRequest

BODY_SECONDS = 5.0
WAITING = 8
"""Explaining takes long where there are many campaigns: one at a time, and no longer queue than this."""

_json = msgspec.json.Encoder()


class ExplainRoute:
    """Explains with an engine of its own, which moves no money; it is made when first asked for."""

    def __init__(self, config: Callable[[], Config], clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._engine: Engine | None = None
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
        finally:
            self._waiting -= 1
        return web.Response(body=_json.encode(explanation), content_type="application/json")

    def _explain(self, request: BidRequest, exchange: str | None, campaign: str | None) -> Explanation:
        """As if the request had just come from `exchange`, or else from the first one."""
        config, now_s = self._config(), self._clock()
        before = self._engine.snapshot if self._engine is not None else None
        if self._engine is None or self._engine.snapshot.digest != config.digest:
            predictors = Always(FixedPredictor(config.bidder.prediction))
            self._engine = Engine(compile_snapshot(config, predictors.ceiling, before), OpenPurse(), predictors)
        self._engine.snapshot.refresh(now_s)
        return explain(self._engine, request, exchange or min(config.exchanges, default=""), now_s, campaign)


def _problem(status: int, text: str) -> web.Response:
    return web.Response(status=status, body=_json.encode({"error": text}), content_type="application/json")
