"""The web port for operations."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bidder.metrics import Histogram
from bidder.web.campaign_route import CampaignRoute
from bidder.web.control_app import Operations, control_app
from bidder.web.dashboard_route import DashboardRoute
from bidder.web.metrics_routes import MetricsRoutes
from bidder.web.model_routes import ModelRoutes
from bidder.web.pacing_route import PacingRoute
from tests.web.model_desk import FakeDesk

Client: TypeAlias = "TestClient[web.Request, web.Application]"


class Configuration(msgspec.Struct):
    digest: str = "abc"
    rejected: str | None = None


class Greeter:
    """Another part of the port."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/hello", self._hello)

    async def _hello(self, _: web.Request) -> web.Response:
        return web.Response(text="hello")


@asynccontextmanager
async def web_port(
    is_ready: Callable[[], bool] = lambda: True,
) -> AsyncIterator["TestClient[web.Request, web.Application]"]:
    parts = [
        Operations(is_ready, Configuration),
        DashboardRoute(),
        MetricsRoutes(
            lambda: {"bidder_workers": [((), 3)], "bidder_answer_seconds": [((), Histogram((0.1,), [3, 1], 0.5))]},
            lambda: {"bidder_pacing_throttle": [(("spring",), 0.5)]},
        ),
        CampaignRoute(lambda asked: Configuration(asked.find)),
        ModelRoutes(FakeDesk()),
        PacingRoute(lambda name: Configuration(name or "all")),
        Greeter(),
    ]
    async with TestClient(TestServer(control_app(parts))) as client:
        yield client


async def test_health_and_readiness_differ() -> None:
    ready = [False]
    async with web_port(lambda: ready[0]) as client:
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/readyz")).status == 503
        ready[0] = True
        assert (await client.get("/readyz")).status == 200


async def test_metrics_come_as_prometheus_reads_them() -> None:
    async with web_port() as client:
        response = await client.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        text = await response.text()
        assert "\nbidder_workers 3.0\n" in text
        assert '\nbidder_pacing_throttle{campaign="spring"} 0.5\n' in text


async def test_metrics_come_as_json_without_those_of_each_campaign() -> None:
    async with web_port() as client:
        assert await (await client.get("/api/metrics")).json() == {
            "bidder_workers": [{"labels": {}, "value": 3}],
            "bidder_answer_seconds": [{"labels": {}, "bounds": [0.1], "buckets": [3, 1], "sum": 0.5}],
        }


async def test_the_configuration_comes_as_json_for_people_and_programs() -> None:
    async with web_port() as client:
        response = await client.get("/api/config")
        assert response.content_type == "application/json"
        assert await response.text() == '{\n  "digest": "abc",\n  "rejected": null\n}'


async def test_pacing_is_told_of_all_campaigns_or_of_one() -> None:
    async with web_port() as client:
        assert (await (await client.get("/api/pacing")).json())["digest"] == "all"
        assert (await (await client.get("/api/pacing?campaign=spring")).json())["digest"] == "spring"


async def test_the_front_page_says_where_to_look() -> None:
    async with web_port() as client:
        text = await (await client.get("/")).text()
        for path in [line.split()[0] for line in text.splitlines() if "POST" not in line]:
            assert (await client.get(path)).status == 200


async def test_other_parts_live_on_the_same_port_and_the_rest_is_not_found() -> None:
    async with web_port() as client:
        assert await (await client.get("/hello")).text() == "hello"
        assert (await client.get("/nothing")).status == 404
        assert (await client.post("/metrics")).status == 405


async def test_answers_do_not_say_what_they_are_made_with() -> None:
    async with web_port() as client:
        for path in ("/healthz", "/nothing"):
            assert (await client.get(path)).headers["Server"] == "bidder"
