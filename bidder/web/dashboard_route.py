"""The front page: the dashboard for people, and for programs a list of where things are.

GET /      one page of HTML with its style and script in it; it asks `/api/` for numbers and needs no other network
"""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

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


class DashboardRoute:
    """Answers the same bytes each time."""

    def __init__(self) -> None:
        """Reads the page."""
        style, script = (_FILES.joinpath(name).read_text("utf-8") for name in ("style.css", "script.js"))
        page = _FILES.joinpath("page.html").read_text("utf-8")
        self._page = page.replace("/* style.css */", style).replace("/* script.js */", script)
        self._headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}; connect-src 'self'; "
                "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept",
        }

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its route."""
        router.add_get("/", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        if "text/html" not in request.headers.get("Accept", ""):
            return web.Response(text=INDEX, headers={"Vary": "Accept"})
        return web.Response(text=self._page, content_type="text/html", headers=self._headers)


def _hashed(text: str) -> str:
    """The source that allows an inline element with this text alone (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
