"""The bid port's own listener with nothing behind it: every request is answered 204 unread.

python -m tests.bench.bare [PORT]
"""

import asyncio
import sys
from typing import cast

import uvloop

from bidder.answer import Brain
from bidder.processes.ports import bound
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import BidHandler, Service
from bidder.web.bid_reply import Reply, ReplyHead
from bidder.web.bid_request_head import RequestHead
from bidder.web.listener.server import BidListener

NO_BID = Reply(ReplyHead(204))
NOWHERE = Service(cast("Brain", None), {}, 1 << 20)
SWEEP_S = 0.1


class EmptyHandler(BidHandler):
    """Nothing is decided, and nothing counted."""

    def handle(self, head: RequestHead, body: bytes, arrived_s: float) -> Reply:
        """The same reply to everything."""
        return NO_BID

    def refusal(self, head: RequestHead, length: int) -> Reply | None:
        """Nothing is refused."""
        return None


async def serve(port: int) -> None:
    """Serve on the loopback address until killed."""
    server = BidListener(EmptyHandler(NOWHERE, BidCounts()))
    await server.listen(bound("127.0.0.1", port, "PORT"))
    while True:
        await asyncio.sleep(SWEEP_S)
        server.sweep()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8002))
