"""AdX bid requests of 30 November 2016, from mobile apps, recorded almost in OpenRTB shape, as OpenRTB 2.6.

What has the name, type and meaning of OpenRTB is kept. The rest:

| recorded | OpenRTB 2.6 |
|---|---|
| `is_test` true, false | `test` 1, 0 |
| `bcat` numbers of AdX | `bcat` in the exchange's own taxonomy (`adx.CATTAX`) |
| `imp[].bcat`, which holds the slot's excluded creative attributes | `battr`, where OpenRTB has it (`adx.ATTRIBUTES`) |
| `imp[].video.minduration`, `maxduration` in ms | the same in s, rounded towards what surely fits |
| `app.url` of a store | `app.storeurl`, and the id in it `app.bundle` |
| `app.url` of a page (what the app shows) | `app.content.url` |
| `device.os` "iphone", "ipad", "android" | "iOS", "iOS", "Android" |
| `device.ip` "0" | absent: it is no address |
| `device.carrier` number of Google's list, 0 for none | the number as the exchange's name of the carrier; absent |

`device.w` and `device.h` are the nominal pixels that AdX sends, as Google's own OpenRTB gives them. The recording
lacks `video.mimes`, which OpenRTB requires; it stays missing, since any value would be made up. `bidfloor` is kept
whatever it is, 1,249,995 included.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw, Struct

from bidder.lab.feed import adx
from openrtb.audience import Device, Geo
from openrtb.context import App, Content
from openrtb.imp import Banner, Imp, Video
from openrtb.request import BidRequest
from openrtb.wire import NO_EXT

_SYSTEMS: Final[Mapping[str, str]] = {"iphone": "iOS", "ipad": "iOS", "android": "Android"}
_STORE = re.compile(
    r"https?://(?:itunes\.apple\.com/(?:.*/)?id(\d+)|play\.google\.com/store/apps/details\?(?:.*&)?id=([\w.]+))(?=[?&#]|$)"
)


class RecordedImp(Struct):
    """A slot; `bcat` is misnamed, its numbers are creative attributes."""

    id: str
    banner: Banner | None = None
    video: Video | None = None
    bidfloor: float = 0.0
    bcat: list[int] = []


class RecordedApp(Struct):
    """An app; `url` is its page in a store or the page it shows."""

    id: str | None = None
    name: str | None = None
    url: str | None = None


class RecordedDevice(Struct):
    """A phone or tablet."""

    ua: str | None = None
    ip: str | None = None
    make: str | None = None
    model: str | None = None
    os: str | None = None
    osv: str | None = None
    language: str | None = None
    devicetype: int | None = None
    w: int | None = None
    h: int | None = None
    carrier: int = 0
    geo: Geo | None = None


class RecordedRequest(Struct):
    """One line of the recording."""

    id: str
    imp: list[RecordedImp]
    app: RecordedApp
    device: RecordedDevice
    is_test: bool
    bcat: list[int] = []
    ext: Raw = NO_EXT


_decode = msgspec.json.Decoder(RecordedRequest).decode


def bid_request(line: bytes) -> BidRequest:
    """The request that `line` records. Raises `msgspec.DecodeError` where the line is not of this format."""
    recorded = _decode(line)
    bcat = adx.bcat(recorded.bcat)
    return BidRequest(
        id=recorded.id,
        imp=[_imp(imp) for imp in recorded.imp],
        app=_app(recorded.app),
        device=_device(recorded.device),
        test=int(recorded.is_test),
        bcat=bcat,
        cattax=adx.CATTAX if bcat else 1,
        ext=Raw(bytes(recorded.ext)),
    )


def _imp(recorded: RecordedImp) -> Imp:
    imp = Imp(id=recorded.id, banner=recorded.banner, video=recorded.video, bidfloor=recorded.bidfloor)
    battr = adx.battr(recorded.bcat)
    if imp.banner is not None:
        imp.banner.battr = battr
    if imp.video is not None:
        imp.video.battr = battr
        _in_seconds(imp.video)
    return imp


def _in_seconds(video: Video) -> None:
    """AdX counts lengths in ms, and one that is not above 0 says that any length will do."""
    video.minduration = max(0, -(-video.minduration // 1000))
    longest = video.maxduration or 0
    video.maxduration = longest // 1000 if longest > 0 else None


def _app(recorded: RecordedApp) -> App:
    app = App(id=recorded.id, name=recorded.name)
    store = _STORE.match(recorded.url) if recorded.url else None
    if store:
        app.storeurl, app.bundle = recorded.url, store[1] or store[2]
    elif recorded.url:
        app.content = Content(url=recorded.url)
    return app


def _device(recorded: RecordedDevice) -> Device:
    return Device(
        ua=recorded.ua,
        ip=recorded.ip if recorded.ip != "0" else None,
        make=recorded.make,
        model=recorded.model,
        os=_SYSTEMS.get(recorded.os or "", recorded.os),
        osv=recorded.osv,
        language=recorded.language,
        devicetype=recorded.devicetype,
        w=recorded.w,
        h=recorded.h,
        carrier=str(recorded.carrier) if recorded.carrier else None,
        geo=recorded.geo if recorded.geo != Geo() else None,
    )
