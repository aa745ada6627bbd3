"""How the campaigns stand, and why they did not bid, for people and programs.

GET /api/campaigns?find=TEXT&sort=spend&limit=50     JSON; `campaign_report.Report` documents it
"""

from collections.abc import Callable
from math import inf
from typing import Annotated, Literal, TypeAlias

import msgspec
from aiohttp import web

from bidder.clock import Clock, monotonic_s

Sort: TypeAlias = Literal["spend", "behind", "bids", "name"]
"""Most spent today first; furthest behind the plan; fewest bids; by name."""

SAME_SECONDS = 1.0

_json = msgspec.json.Encoder()


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which campaigns, and in which order."""

    find: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """Only those with this in the id or name of campaign or advertiser."""
    sort: Sort = "spend"
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50


class CampaignRoute:
    """Answers what is reported of campaigns. Who asks the same in the same second is told the same."""

    def __init__(self, report: Callable[[Asked], msgspec.Struct], clock: Clock = monotonic_s) -> None:
        self._report = report
        self._clock = clock
        self._told = (Asked(), -inf, b"")

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its route."""
        router.add_get("/api/campaigns", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            asked = msgspec.convert(dict(request.query), Asked, strict=False)
        except msgspec.ValidationError as error:
            body = _json.encode({"error": f"find, sort (spend, behind, bids, name) and limit: {error}"})
            return web.Response(status=400, body=body, content_type="application/json")
        return web.Response(body=self._body(asked), content_type="application/json")

    def _body(self, asked: Asked) -> bytes:
        now_s = self._clock()
        before, at_s, body = self._told
        if asked == before and now_s - at_s < SAME_SECONDS:
            return body
        body = _json.encode(self._report(asked))
        self._told = asked, now_s, body
        return body
