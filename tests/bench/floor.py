"""The floor server: stock aiohttp on uvloop that reads the body, parses it with orjson and answers 204.

python -m tests.bench.floor [PORT]
"""

import sys

import orjson
import uvloop
from aiohttp import web


async def no_bid(request: web.Request) -> web.Response:
    """What every bid server does at least."""
    orjson.loads(await request.read())
    return web.Response(status=204)


def main(port: int) -> None:
    """Serve on the loopback address until killed."""
    app = web.Application()
    app.router.add_post("/openrtb2/{exchange}", no_bid)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8001)
