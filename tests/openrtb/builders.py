"""Valid requests and responses, to be changed in one place by each test."""

from typing import Any

import msgspec
from msgspec import Raw

from openrtb.audience import Device, Geo
from openrtb.context import Publisher, Site
from openrtb.imp import Audio, Banner, Deal, Format, Imp, Native, Pmp, Video
from openrtb.native import (
    AssetRequest,
    AssetResponse,
    DataRequest,
    DataResponse,
    EventTrackerRequest,
    EventTrackerResponse,
    ImageRequest,
    ImageResponse,
    LinkResponse,
    NativeRequest,
    NativeResponse,
    TitleRequest,
    TitleResponse,
)
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid

HTML = '<a href="http://shop.test/sale"><img src="https://cdn.shop.test/sale.png"></a>'
"""Banner markup; the landing page may be plain HTTP even where the placement is secure."""

DEAL = "deal-1"


def ext(**members: Any) -> Raw:
    return Raw(msgspec.json.encode(members))


def request(*imps: Imp, **changes: Any) -> BidRequest:
    defaults = {
        "id": "auction-1",
        "imp": list(imps) or [banner_imp()],
        "site": Site(id="site-1", domain="news.test", publisher=Publisher(id="publisher-1")),
        "device": Device(ua="Mozilla/5.0", ip="192.0.2.7", geo=Geo(lat=48.137, lon=11.575, type=1, country="DEU")),
        "at": 1,
        "tmax": 120,
        "cur": ["USD"],
    }
    return BidRequest(**{**defaults, **changes})


def imp(**changes: Any) -> Imp:
    return Imp(**{"id": "1", "bidfloor": 1.0, "secure": 1, **changes})


def banner_imp(**changes: Any) -> Imp:
    return imp(**{"banner": Banner(format=[Format(w=300, h=250), Format(w=320, h=50)]), **changes})


def video(**changes: Any) -> Video:
    defaults = {"mimes": ["video/mp4"], "minduration": 5, "maxduration": 30, "protocols": [3, 6], "plcmt": 1}
    return Video(**{**defaults, **changes})


def video_imp(**changes: Any) -> Imp:
    return imp(video=video(**changes))


def audio_imp(**changes: Any) -> Imp:
    return imp(audio=Audio(**{"mimes": ["audio/mp4"], "minduration": 5, "maxduration": 30, **changes}))


def native_request(*assets: AssetRequest, **changes: Any) -> NativeRequest:
    defaults = {
        "context": 1,
        "contextsubtype": 11,
        "plcmttype": 1,
        "assets": list(assets)
        or [
            AssetRequest(id=1, required=1, title=TitleRequest(len=25)),
            AssetRequest(id=2, required=1, img=ImageRequest(type=3, wmin=300, hmin=200)),
            AssetRequest(id=3, data=DataRequest(type=1, len=20)),
        ],
        "eventtrackers": [EventTrackerRequest(event=1, methods=[1])],
    }
    return NativeRequest(**{**defaults, **changes})


def native_imp(wanted: NativeRequest | None = None) -> Imp:
    return imp(native=Native(request=msgspec.json.encode(wanted or native_request()).decode(), ver="1.2"))


def deal_imp(**changes: Any) -> Imp:
    return banner_imp(pmp=Pmp(deals=[Deal(**{"id": DEAL, "bidfloor": 3.0, **changes})]))


def response(*bids: Bid, seat: str | None = "seat-1", **changes: Any) -> BidResponse:
    seatbid = SeatBid(bid=list(bids) or [bid()], seat=seat)
    return BidResponse(**{"id": "auction-1", "cur": "USD", "seatbid": [seatbid], **changes})


def bid(**changes: Any) -> Bid:
    defaults = {
        "id": "bid-1",
        "impid": "1",
        "price": 2.5,
        "adm": HTML,
        "adomain": ["shop.test"],
        "crid": "creative-1",
        "mtype": 1,
        "w": 300,
        "h": 250,
    }
    return Bid(**{**defaults, **changes})


def video_bid(adm: str | None = None, **changes: Any) -> Bid:
    return bid(**{"adm": vast() if adm is None else adm, "mtype": 2, "w": None, "h": None, "dur": 15, **changes})


def audio_bid(adm: str | None = None, **changes: Any) -> Bid:
    return video_bid(vast(media_type="audio/mp4") if adm is None else adm, **{"mtype": 3, **changes})


def native_bid(ad: NativeResponse | str | None = None, **changes: Any) -> Bid:
    adm = ad if isinstance(ad, str) else msgspec.json.encode(ad or native_ad()).decode()
    return bid(**{"adm": adm, "mtype": 4, "w": None, "h": None, **changes})


def native_ad(*assets: AssetResponse, **changes: Any) -> NativeResponse:
    defaults = {
        "assets": list(assets) or native_assets(),
        "link": LinkResponse(url="http://shop.test/sale"),
        "eventtrackers": [EventTrackerResponse(event=1, method=1, url="https://track.shop.test/i")],
    }
    return NativeResponse(**{**defaults, **changes})


def native_assets() -> list[AssetResponse]:
    return [
        AssetResponse(id=1, title=TitleResponse(text="Everything must go")),
        AssetResponse(id=2, img=ImageResponse(type=3, url="https://cdn.shop.test/sale.png", w=600, h=400)),
        AssetResponse(id=3, data=DataResponse(type=1, value="Shop")),
    ]


def vast(
    *,
    version: str = "3.0",
    duration: str = "00:00:15",
    media_type: str = "video/mp4",
    api: str = "",
    creative: str = "Linear",
    tracker: str = "https://track.shop.test/i",
) -> str:
    attribute = f' apiFramework="{api}"' if api else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<VAST version="{version}"><Ad id="1"><InLine><AdSystem>Shop</AdSystem><AdTitle>Sale</AdTitle>
<Impression><![CDATA[{tracker}]]></Impression>
<Creatives><Creative><{creative}><Duration>{duration}</Duration>
<VideoClicks><ClickThrough>http://shop.test/sale</ClickThrough></VideoClicks>
<MediaFiles><MediaFile delivery="progressive" type="{media_type}" width="640" height="360"{attribute}>
https://cdn.shop.test/sale.mp4</MediaFile></MediaFiles></{creative}></Creative></Creatives>
<Extensions><Extension type="note"><Link>http://notes.test</Link></Extension></Extensions>
</InLine></Ad></VAST>"""
