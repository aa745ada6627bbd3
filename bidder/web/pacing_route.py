"""How the campaigns stand that are paced.

GET /api/pacing?campaign=ID     JSON: throttle, multiplier, plan, spend and deviation, of one or of all
"""

from collections.abc import Callable

import msgspec
from aiohttp import web

_json = msgspec.json.Encoder()


class PacingRoute:
    """Answers what pacing reports: a struct whose `campaigns` have a `campaign` each."""

    def __init__(self, report: Callable[[str | None], msgspec.Struct]) -> None:
        self._report = report

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its route."""
        router.add_get("/api/pacing", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        body = msgspec.json.format(_json.encode(self._report(request.query.get("campaign"))))
        return web.Response(body=body, content_type="application/json")
