"""The front page: the dashboard for people, and for programs a list of where things are.

GET /                    a page of HTML with its style in it; it asks `/api/` for numbers and needs no other network
GET /dashboard/{name}    the modules of its script, which import one another
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from secrets import token_urlsafe

from aiohttp import web

INDEX = """\
/readyz          whether requests are bid on
/metrics         counters for Prometheus
/api/metrics     the same as JSON
/api/campaigns   money, plan and bids of campaigns, and why they did not bid
/api/config      the live configuration, and the last edit that was refused
/api/pacing      how campaigns spend against their plans
/api/explain     POST a bid request: why each campaign would bid on it, or not
/api/models      the models that answer, and why others do not
"""

_FILES = files("bidder.web") / "dashboard"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


class DashboardRoute:
    """Answers from memory."""

    def __init__(self) -> None:
        """Reads the page and what belongs to it."""
        style = _FILES.joinpath("style.css").read_text("utf-8")
        self._style_source = f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
        self._page = _FILES.joinpath("page.html").read_text("utf-8").replace("/* style.css */", style)
        self._modules = {each.name: each.read_bytes() for each in _FILES.iterdir() if each.name.endswith(".js")}

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its routes."""
        router.add_get("/", self._answer)
        router.add_get("/dashboard/{name}", self._module)

    async def _answer(self, request: web.Request) -> web.Response:
        if "text/html" not in request.headers.get("Accept", ""):
            return web.Response(text=INDEX, headers={"Vary": "Accept"})
        nonce = token_urlsafe(16)
        page = self._page.replace("NONCE", nonce)
        return web.Response(text=page, content_type="text/html", headers=self._page_headers(nonce))

    def _page_headers(self, nonce: str) -> Mapping[str, str]:
        """Scripts run with the nonce alone, which imports of theirs inherit; style by its hash (CSP Level 3, 2.3.1)."""
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src {self._style_source}; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return {**_HEADERS, "Content-Security-Policy": policy, "Vary": "Accept"}

    async def _module(self, request: web.Request) -> web.Response:
        module = self._modules.get(request.match_info["name"])
        if module is None:
            raise web.HTTPNotFound
        return web.Response(body=module, content_type="text/javascript", charset="utf-8", headers=_HEADERS)
