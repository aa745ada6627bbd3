"""A small bidder for tests of the exchange: bids on every imp it can, and remembers every call it gets."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from msgspec import Struct

from openrtb import decode_native_request, decode_request, encode_native_response, encode_response
from openrtb.imp import Imp
from openrtb.native import (
    AssetRequest,
    AssetResponse,
    DataResponse,
    EventTrackerResponse,
    ImageResponse,
    LinkResponse,
    NativeResponse,
    TitleResponse,
)
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid

PUBLIC = "https://ads.bidder.example"
"""The origin in its notices; the exchange has to know which address stands behind it."""

_NOTICE = "auction=${AUCTION_ID}&imp=${AUCTION_IMP_ID}&price=${AUCTION_PRICE}&loss=${AUCTION_LOSS}"


class Listening(Struct):
    """Where a bidder listens and what it was called for: the query of each call, by path."""

    origin: str
    calls: dict[str, list[dict[str, str]]]

    @property
    def url(self) -> str:
        """The bid endpoint."""
        return f"{self.origin}/bid"

    def repeated(self, path: str) -> int:
        """How many calls of a path said the same as an earlier one."""
        return sum(count - 1 for count in Counter(json.dumps(call) for call in self.calls[path]).values())


@asynccontextmanager
async def listening(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` on loopback and yield its origin."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def eager_bidder(port: int = 0, markup_at_nurl: bool = False) -> AsyncIterator[Listening]:
    """A bidder that bids on everything, listening on loopback until the end of the block."""
    calls: dict[str, list[dict[str, str]]] = {
        path: [] for path in ("win", "billing", "loss", "pixel", "click", "conversion")
    }

    async def bid(request: web.Request) -> web.Response:
        wanted = decode_request(await request.read())
        if wanted.wseat:
            return web.Response(status=204)
        answer = BidResponse(id=wanted.id, bidid=f"answer-{wanted.id}", cur=(wanted.cur or ["USD"])[0])
        bids = [bid_for(imp, wanted) for imp in wanted.imp]
        if markup_at_nurl:
            for each in bids:
                each.adm = None
        answer.seatbid = [SeatBid(bid=bids, seat="eager")]
        return web.Response(body=encode_response(answer), content_type="application/json")

    async def notice(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        calls[path].append(dict(request.query))
        if path == "click":
            landing = f"https://shop.example/landing?bid_click_id={request.query['auction']}"
            return web.Response(status=302, headers={"Location": landing})
        if path == "win" and markup_at_nurl:
            return web.Response(text=html("fetched", 300, 250), content_type="text/html")
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/bid", bid)
    app.router.add_get("/{path:win|billing|loss|pixel|click|conversion}", notice)
    async with listening(app, port) as origin:
        yield Listening(origin, calls)


def bid_for(imp: Imp, request: BidRequest) -> Bid:
    """A bid a little above the floor, on a deal where there is one."""
    deal = imp.pmp.deals[0] if imp.pmp is not None and imp.pmp.deals else None
    floor = max(imp.bidfloor, deal.bidfloor if deal is not None else 0.0)
    bid = Bid(
        id=f"{request.id}-{imp.id}",
        impid=imp.id,
        price=round(floor * 1.4 + 0.75, 3),
        nurl=f"{PUBLIC}/win?{_NOTICE}",
        burl=f"{PUBLIC}/billing?{_NOTICE}",
        lurl=f"{PUBLIC}/loss?{_NOTICE}&min=${{AUCTION_MIN_TO_WIN}}",
        adomain=["shop.example"],
        cat=(request.acat or ["IAB22"])[:1],
        cid="campaign-1",
        crid="creative-1",
        dealid=deal.id if deal is not None else None,
    )
    return with_markup(bid, imp)


def with_markup(bid: Bid, imp: Imp) -> Bid:
    """The bid with a creative for the first media type of the imp."""
    if imp.banner is not None:
        assert imp.banner.w is not None
        assert imp.banner.h is not None
        bid.mtype, bid.w, bid.h = 1, imp.banner.w, imp.banner.h
        bid.adm = html(bid.id, bid.w, bid.h)
    elif imp.video is not None:
        bid.mtype, bid.dur, bid.protocol = 2, 15, 3
        bid.adm = vast(bid.id, "video/mp4")
    elif imp.audio is not None:
        bid.mtype, bid.dur, bid.protocol = 3, 15, 3
        bid.adm = vast(bid.id, "audio/mpeg")
    elif imp.native is not None:
        bid.mtype = 4
        bid.adm = native(bid.id, imp.native.request)
    return bid


def pixel(bid_id: str) -> str:
    """The impression tracker of a bid."""
    return f"{PUBLIC}/pixel?bid={bid_id}&price=${{AUCTION_PRICE}}"


def click(bid_id: str) -> str:
    """The click URL of a bid."""
    return f"{PUBLIC}/click?bid={bid_id}&auction=${{AUCTION_ID}}"


def html(bid_id: str, w: int, h: int) -> str:
    """A banner with a link, an image of the advertiser and a pixel."""
    return (
        f'<a href="{click(bid_id).replace("&", "&amp;")}" target="_blank">'
        f'<img src="https://cdn.shop.example/shoe.png" width="{w}" height="{h}"></a>'
        f'<img src="{pixel(bid_id).replace("&", "&amp;")}" width="1" height="1">'
    )


def vast(bid_id: str, mime: str) -> str:
    """A linear ad of 15 seconds."""
    return f"""<VAST version="3.0"><Ad id="1"><InLine><AdSystem>eager</AdSystem><AdTitle>Shoes</AdTitle>
    <Impression><![CDATA[{pixel(bid_id)}]]></Impression>
    <Creatives><Creative><Linear><Duration>00:00:15</Duration>
    <VideoClicks><ClickThrough><![CDATA[{click(bid_id)}]]></ClickThrough></VideoClicks>
    <MediaFiles><MediaFile delivery="progressive" type="{mime}" width="640" height="360">
    <![CDATA[https://cdn.shop.example/shoe]]></MediaFile></MediaFiles>
    </Linear></Creative></Creatives></InLine></Ad></VAST>"""


def native(bid_id: str, request: str) -> str:
    """A native ad that answers each asset asked for."""
    assets = [answer(asset) for asset in decode_native_request(request).assets]
    tracker = EventTrackerResponse(event=1, method=1, url=pixel(bid_id))
    return encode_native_response(
        NativeResponse(assets=assets, link=LinkResponse(url=click(bid_id)), eventtrackers=[tracker])
    )


def answer(asset: AssetRequest) -> AssetResponse:
    """What fits one asset."""
    found = AssetResponse(id=asset.id)
    if asset.title is not None:
        found.title = TitleResponse(text="Shoes")
    elif asset.img is not None:
        found.img = ImageResponse(url="https://cdn.shop.example/shoe.png", w=asset.img.wmin, h=asset.img.hmin)
    elif asset.data is not None:
        found.data = DataResponse(value="4")
    return found


def garbage_bidder() -> web.Application:
    """A bidder whose answers are all wrong, each time in another way, and whose loss notices work."""
    made: list[Any] = []

    async def bid(request: web.Request) -> web.Response:
        wanted = decode_request(await request.read())
        made.append(None)
        wrong = bid_for(wanted.imp[0], wanted)
        answer = BidResponse(id=wanted.id, cur=(wanted.cur or ["USD"])[0], seatbid=[SeatBid(bid=[wrong], seat="bad")])
        match len(made) % 6:
            case 0:
                return web.Response(body=b"{not json", content_type="application/json")
            case 1:
                answer.id = "another-request"
            case 2:
                wrong.price = -1.0
            case 3:
                wrong.impid = "no-such-imp"
            case 4:
                return web.Response(body=encode_response(answer), content_type="text/plain")
            case _:
                return web.Response(status=500)
        return web.Response(body=encode_response(answer), content_type="application/json")

    async def loss(_request: web.Request) -> web.Response:
        return web.Response(status=200)

    app = web.Application()
    app.router.add_post("/bid", bid)
    app.router.add_get("/loss", loss)
    return app
