"""A small bidder on a real socket for the tests of the feed: simple, honest, and breakable on purpose."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

import openrtb
from openrtb.imp import Imp
from openrtb.response import Bid, BidResponse, SeatBid

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def valid_bid(imp: Imp, price: float) -> Bid:
    """A bid on the banner of `imp` that a strict exchange accepts."""
    assert imp.banner is not None
    first = imp.banner.format[0] if imp.banner.format else imp.banner
    return Bid(
        id=f"bid-{imp.id}",
        impid=imp.id,
        price=price,
        adomain=["brand.example"],
        cid="c1",
        crid="cr1",
        adm='<a href="https://brand.example/"><img src="https://cdn.example/ad.png"></a>',
        w=first.w,
        h=first.h,
        mtype=1,
    )


async def bid_on_small_floors(request: web.Request) -> web.Response:
    """A cent above the floor for a banner with a size and a floor below 5; else 204, or 400 on what is malformed."""
    try:
        found = openrtb.decode_request(await request.read())
    except openrtb.DecodeError:
        return web.Response(status=400)
    if not found.id or not found.imp:
        return web.Response(status=400)
    imp = found.imp[0]
    if imp.banner is None or not (imp.banner.w or imp.banner.format) or imp.bidfloor >= 5:
        return web.Response(status=204, headers={"x-nbr": "8"})
    response = BidResponse(id=found.id, seatbid=[SeatBid(bid=[valid_bid(imp, imp.bidfloor + 0.01)])])
    return web.Response(body=openrtb.encode_response(response), content_type="application/json")


@asynccontextmanager
async def bidder(handler: Handler = bid_on_small_floors) -> AsyncIterator[str]:
    """A bidder on loopback while the block runs; gives the URL to post to."""
    app = web.Application()
    app.router.add_post("/openrtb2/test", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        _, port = runner.addresses[0][:2]
        yield f"http://127.0.0.1:{port}/openrtb2/test"
    finally:
        await runner.cleanup()
