"""The web port: what exchanges and browsers report, and what operations look at.

GET       /                    the dashboard, or for programs where things are (`dashboard_route`)
GET       /dashboard/…         its script (`dashboard_route`)
GET       /healthz             200 while the process answers at all
GET       /readyz              200 while requests are bid on, else 503
GET       /metrics             Prometheus (`metrics_routes`)
GET       /api/metrics         the same as JSON, without those of each campaign
GET       /api/campaigns       money, plan and bids of campaigns, and why they did not bid (`campaign_route`)
GET       /api/config          what is live, since when, with which hash; the last rejected edit and why
GET POST  /api/models…         the models that answer, and changing them
GET       /api/pacing          throttle, multiplier, plan, spend and deviation of campaigns (`pacing_route`)
POST      /api/explain         why each campaign would bid on a request, or not (`explain_route`)
GET POST  /win /bill /loss /imp /click /conv …   notices and tracking

The dashboard, `/metrics` and `/api/` are for operations alone: see `operations_gate`. `API.md` documents the JSON.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec
from aiohttp import web

from bidder.web.operations_gate import Token, operations_gate

_json = msgspec.json.Encoder()


class Routes(Protocol):
    """A part of the web port."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its routes."""


class Operations:
    """Health, and what is live."""

    def __init__(self, is_ready: Callable[[], bool], configuration: Callable[[], msgspec.Struct]) -> None:
        self._is_ready = is_ready
        self._configuration = configuration

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add a route for each."""
        router.add_get("/healthz", self._health)
        router.add_get("/readyz", self._readiness)
        router.add_get("/api/config", self._config)

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readiness(self, _: web.Request) -> web.Response:
        return web.Response(text="ready\n") if self._is_ready() else web.Response(status=503, text="not ready\n")

    async def _config(self, _: web.Request) -> web.Response:
        body = msgspec.json.format(_json.encode(self._configuration()))
        return web.Response(body=body, content_type="application/json")


def control_app(parts: Iterable[Routes], token: Token = lambda: None) -> web.Application:
    """The application of the web port; `token` opens what is for operations."""
    app = web.Application(middlewares=[operations_gate(token)])
    for part in parts:
        part.add_to(app.router)
    app.on_response_prepare.append(_name_server)
    return app


async def _name_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "bidder"
