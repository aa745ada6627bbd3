"""The bid port's own transport with nothing behind it: every request is answered 204 unread.

python -m tests.bench.bare [PORT]
"""

import asyncio
import sys
from typing import cast

import uvloop

from bidder.answer import Brain
from bidder.processes.ports import bound
from bidder.web.bid_app import BidServer
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import BidHandler, Headers, Reply, Service

NO_BID = Reply(204, {})
NOWHERE = Service(cast("Brain", None), {}, 1 << 20)


class EmptyHandler(BidHandler):
    """Nothing is decided, and nothing counted."""

    def handle(self, method: str, path: str, headers: Headers, body: bytes, arrived_s: float) -> Reply:
        """The same reply to everything."""
        return NO_BID

    def refusal(self, method: str, path: str, headers: Headers) -> Reply | None:
        """Nothing is refused."""
        return None


async def serve(port: int) -> None:
    """Serve on the loopback address until killed."""
    server = BidServer(EmptyHandler(NOWHERE, BidCounts()))
    await server.listen(bound("127.0.0.1", port, "PORT"))
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8002))
