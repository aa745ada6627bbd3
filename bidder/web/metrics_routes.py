"""What the processes counted.

GET /metrics          all of it, for Prometheus
GET /api/metrics      the same numbers as JSON, but for those of each campaign: `/api/campaigns` has these
"""

from collections.abc import Callable

import msgspec
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bidder.metrics import Samples, documents, registry

_json = msgspec.json.Encoder()


class MetricsRoutes:
    """Counters, written when somebody asks."""

    def __init__(self, common: Callable[[], Samples], of_campaigns: Callable[[], Samples]) -> None:
        """`of_campaigns` are the samples that have a label `campaign`."""
        self._common = common
        self._registry = registry(lambda: {**common(), **of_campaigns()})

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add both."""
        router.add_get("/metrics", self._prometheus)
        router.add_get("/api/metrics", self._documents)

    async def _prometheus(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _documents(self, _: web.Request) -> web.Response:
        return web.Response(body=_json.encode(documents(self._common())), content_type="application/json")
