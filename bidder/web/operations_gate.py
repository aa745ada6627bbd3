"""Who may look at operations: dashboard, metrics and API are not for all the exchanges and browsers on the web port.

Programs give the token as `Authorization: Bearer TOKEN`. A browser asks its user for it (HTTP Basic, RFC 7617): the
token is the password, and any name will do. A page of another site may not use what a browser knows: changes are
refused unless they are JSON, and without a token this machine is asked by its own names alone, not by one that leads
here from outside.
"""

from base64 import b64decode
from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

Token: TypeAlias = Callable[[], str | None]
"""The token that is asked for as things are; None where this machine alone may look."""

BEARER, BASIC = "Bearer ", "Basic "
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""Whoever stands behind a proxy is not on this machine."""

NOT_HERE = (
    "only from this machine (as localhost or 127.0.0.1), or with the token of server.operations_token (bidder.toml) "
    "as Authorization: Bearer\n"
)
UNPROVEN = (
    "the token of server.operations_token (bidder.toml) is wanted as Authorization: Bearer, or as the password in a "
    "browser, with any name\n"
)


def operations_gate(token: Token) -> Middleware:
    """A middleware that lets only those through to operations who may look at them."""

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = _refusal(request, token()) if is_operations(request.path) else None
        return await handler(request) if refusal is None else refusal

    return gate


def is_operations(path: str) -> bool:
    """Whether a path is for operations alone; health and notices are for everyone."""
    return path in {"/", "/metrics"} or path.startswith(("/api/", "/dashboard/"))


def _refusal(request: web.Request, token: str | None) -> web.Response | None:
    if token is None:
        return None if _is_here(request) else web.Response(status=403, text=NOT_HERE)
    given = _given(request.headers.get("Authorization", ""))
    if given is not None and compare_digest(given, token.encode()):
        return None
    asking = [("WWW-Authenticate", BEARER.strip()), ("WWW-Authenticate", 'Basic realm="bidder", charset="UTF-8"')]
    return web.Response(status=401, text=UNPROVEN, headers=CIMultiDict(asking))


def _given(authorization: str) -> bytes | None:
    """The token in the header; None where it has none."""
    if authorization.startswith(BEARER):
        return authorization.removeprefix(BEARER).encode(errors="replace")
    if not authorization.startswith(BASIC):
        return None
    try:
        return b64decode(authorization.removeprefix(BASIC), validate=True).partition(b":")[2]
    except ValueError:
        return None


def _is_here(request: web.Request) -> bool:
    """Whether the caller is on this machine, as far as the connection and its headers tell."""
    try:
        loopback = ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
    forwarded = any(name in request.headers for name in FORWARDED)
    return loopback and not forwarded and _is_ours(request.headers.get("Host", ""))


def _is_ours(host: str) -> bool:
    """Whether nobody outside can have made this name lead here: an address, or a name without a dot."""
    try:
        ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return "." not in host
    return True
