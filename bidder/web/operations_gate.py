"""Who may look at operations: exchanges and browsers reach the web port, too; `/metrics` and `/api/` are not theirs."""

from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Token: TypeAlias = Callable[[], str | None]
"""The token that is asked for as things are; None where this machine alone may look."""

SCHEME = "Bearer "
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""Whoever stands behind a proxy is not on this machine."""

NOT_HERE = (
    "only from this machine, or with the token of server.operations_token (bidder.toml) as Authorization: Bearer\n"
)
UNPROVEN = "the token of server.operations_token (bidder.toml) is wanted as Authorization: Bearer\n"


def operations_gate(token: Token) -> Middleware:
    """A middleware that lets only those through to operations who may look at them."""

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = _refusal(request, token()) if is_operations(request.path) else None
        return await handler(request) if refusal is None else refusal

    return gate


def is_operations(path: str) -> bool:
    """Whether a path is for operations alone; health and notices are for everyone."""
    return path == "/metrics" or path.startswith("/api/")


def _refusal(request: web.Request, token: str | None) -> web.Response | None:
    if token is None:
        return None if _is_here(request) else web.Response(status=403, text=NOT_HERE)
    given = request.headers.get("Authorization", "")
    if given.startswith(SCHEME) and compare_digest(given[len(SCHEME) :].encode(errors="replace"), token.encode()):
        return None
    return web.Response(status=401, text=UNPROVEN, headers={"WWW-Authenticate": SCHEME.strip()})


def _is_here(request: web.Request) -> bool:
    """Whether the caller is on this machine, as far as the connection and its headers tell."""
    try:
        loopback = ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
    return loopback and not any(name in request.headers for name in FORWARDED)
