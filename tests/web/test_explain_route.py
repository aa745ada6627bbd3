"""Explanations over HTTP, by the configuration that is live when they are asked for."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bidder.config.load import load
from bidder.config.schema import Config
from bidder.config.templates import init
from bidder.explain.explanation import Explanation, explain
from bidder.processes.lineup import Lineup
from bidder.processes.live_engine import engine_of
from bidder.web import explain_route
from bidder.web.control_app import control_app
from bidder.web.explain_route import ExplainRoute

REQUEST: dict[str, Any] = {
    "id": "7",
    "at": 1,
    "imp": [{"id": "1", "banner": {"w": 300, "h": 250}}],
    "site": {"id": "s"},
}
NOW_S = 1_790_000_000.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    init(tmp_path / "config", "everything")
    return tmp_path / "config"


@asynccontextmanager
async def explaining(live: list[Config]) -> "AsyncIterator[TestClient[web.Request, web.Application]]":
    route = ExplainRoute(lambda: engine_of((live[-1], Lineup()), None), lambda: NOW_S)
    async with TestClient(TestServer(control_app([route]))) as client:
        yield client


async def test_every_campaign_is_explained_for_the_exchange_that_is_named(directory: Path) -> None:
    async with explaining([load(directory)]) as client:
        response = await client.post("/api/explain?exchange=plain26", json=REQUEST)
        found = await response.json()
    assert (response.status, found["request"], found["exchange"]) == (200, "7", "plain26")
    assert found["bids"] == {"1": ["any-banner"]}
    assert {line["campaign"] for line in found["lines"]} == {"any-banner", "any-video", "any-audio", "any-native"}


async def test_one_campaign_can_be_asked_for_alone(directory: Path) -> None:
    async with explaining([load(directory)]) as client:
        found = await (await client.post("/api/explain?campaign=any-video", json=REQUEST)).json()
    assert [line["campaign"] for line in found["lines"]] == ["any-video"]


async def test_it_is_the_live_configuration_that_explains(directory: Path) -> None:
    live = [load(directory)]
    async with explaining(live) as client:
        assert (await (await client.post("/api/explain", json=REQUEST)).json())["config"] == live[0].digest
        campaigns = directory / "campaigns" / "everything.toml"
        campaigns.write_text(campaigns.read_text().replace('id = "any-banner"', 'id = "any-banner"\nenabled = false'))
        live.append(load(directory))
        found = await (await client.post("/api/explain", json=REQUEST)).json()
    assert (found["config"], found["bids"]) == (live[1].digest, {})


async def test_what_is_no_bid_request_is_told_so(directory: Path) -> None:
    async with explaining([load(directory)]) as client:
        response = await client.post("/api/explain", data=b'{"id":')
        assert response.status == 400
        assert (await response.json())["error"].startswith("not a bid request: ")


async def test_no_more_than_a_few_wait_for_their_turn(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slowly(*arguments: Any) -> Explanation:
        assert go_on.wait(60)
        return explain(*arguments)

    monkeypatch.setattr(explain_route, "explain", slowly)
    monkeypatch.setattr(explain_route, "WAITING", 2)
    async with explaining([load(directory)]) as client:
        asked = [asyncio.ensure_future(client.post("/api/explain", json=REQUEST)) for _ in range(5)]
        turned_away = [await first for first in itertools.islice(asyncio.as_completed(asked), 3)]
        assert [response.status for response in turned_away] == [429] * 3
        go_on.set()
        responses = await asyncio.gather(*asked)
        assert sorted(response.status for response in responses) == [200, 200, 429, 429, 429]
