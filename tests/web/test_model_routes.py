"""The models on the web port: what is told, what may be changed, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bidder.web.control_app import control_app
from bidder.web.model_routes import ModelRoutes
from tests.web.model_desk import FakeDesk

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def client(desk: FakeDesk) -> AsyncIterator[Client]:
    async with TestClient(TestServer(control_app([ModelRoutes(desk)]))) as client:
        yield client


async def post(client: Client, path: str, body: Any) -> tuple[int, Any]:
    response = await client.post(f"/api/models/{path}", json=body)
    return response.status, await response.json()


async def test_the_status_comes_as_json(client: Client) -> None:
    response = await client.get("/api/models")
    assert await response.text() == '{\n  "live": "1"\n}'


async def test_a_change_reaches_the_desk_and_is_answered_with_the_status(client: Client, desk: FakeDesk) -> None:
    assert await post(client, "ctr/promote", {"version": "2", "why": "better"}) == (200, {"live": "1"})
    assert await post(client, "ctr/rollback", {}) == (200, {"live": "1"})
    assert desk.changes == [("promote", "ctr", "2", "better"), ("rollback", "ctr", "")]


async def test_roles_beside_the_champion_are_given_and_taken(client: Client, desk: FakeDesk) -> None:
    for role, given in (("canary", {"version": "2", "share": 0.1}), ("shadow", {"version": "2"})):
        assert (await post(client, f"ctr/{role}", given))[0] == 200
        assert (await post(client, f"ctr/{role}", {"why": "enough"}))[0] == 200
    assert desk.changes == [
        ("canary", "ctr", "2", "0.10", ""),
        ("clear", "ctr", "canary", "enough"),
        ("shadow", "ctr", "2", ""),
        ("clear", "ctr", "shadow", "enough"),
    ]


async def test_a_version_that_may_not_serve_is_refused_with_every_reason(client: Client, desk: FakeDesk) -> None:
    status, told = await post(client, "ctr/promote", {"version": "9"})
    assert (status, told["reasons"]) == (409, ["model.txt is missing"])
    assert desk.changes == []


async def test_a_model_that_is_not_there_is_not_found(client: Client) -> None:
    assert await post(client, "cvr/rollback", {}) == (404, {"error": "bidder.toml names no model cvr"})


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"version": 3}', b'{"colour": "red"}'])
async def test_a_body_that_is_no_change_moves_nothing(client: Client, desk: FakeDesk, body: bytes) -> None:
    response = await client.post("/api/models/ctr/promote", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 400
    assert desk.changes == []


async def test_what_a_page_of_strangers_can_make_a_browser_send_moves_nothing(client: Client, desk: FakeDesk) -> None:
    response = await client.post("/api/models/ctr/rollback", data=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status == 415
    assert desk.changes == []
