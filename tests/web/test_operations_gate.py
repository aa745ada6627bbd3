"""Who may look at operations on a port that exchanges and browsers reach."""

from base64 import b64encode
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bidder.web.operations_gate import operations_gate

TOKEN = "a token of sixteen or more"


class Peer:
    """The connection of a caller from `address`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self._address, 50_000) if name == "peername" else default


async def _status(path: str, token: str | None, address: str, headers: Mapping[str, str] | None = None) -> int:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response()

    request = make_mocked_request("GET", path, headers=headers, transport=Peer(address))
    return (await operations_gate(lambda: token)(request, handler)).status


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/config", "/api/explain", "/dashboard/page.js"])
@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.9", 403), ("", 403)])
async def test_without_a_token_this_machine_alone_may_look(path: str, address: str, status: int) -> None:
    assert await _status(path, None, address) == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("bidder:8080", 200),
        ("evil.example", 403),
        ("evil.example:8080", 403),
        ("evil.example[", 403),
    ],
)
async def test_without_a_token_a_name_that_others_could_point_here_is_not_believed(host: str, status: int) -> None:
    assert await _status("/api/config", None, "127.0.0.1", {"Host": host}) == status


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
async def test_who_stands_behind_a_proxy_is_not_on_this_machine(header: str) -> None:
    assert await _status("/metrics", None, "127.0.0.1", {header: "203.0.113.9"}) == 403


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        (TOKEN, 401),
        ("Basic Bearer", 401),
        ("", 401),
        ("Bearer é", 401),
        (f"Basic {b64encode(f'anybody:{TOKEN}'.encode()).decode()}", 200),
        (f"Basic {b64encode(b'anybody:wrong').decode()}", 401),
        (f"Basic {b64encode(TOKEN.encode()).decode()}", 401),
        ("Basic not base64!", 401),
    ],
)
async def test_with_a_token_it_is_asked_of_everybody(given: str, status: int) -> None:
    for address in ("127.0.0.1", "203.0.113.9"):
        assert await _status("/metrics", TOKEN, address, {"Authorization": given}) == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/win/x", "/imp/x", "/apix", "/metricsx"])
async def test_health_and_notices_are_for_everybody(path: str) -> None:
    assert await _status(path, TOKEN, "203.0.113.9") == 200
