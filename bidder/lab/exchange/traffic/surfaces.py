"""The kinds of ad slots: what a slot offers, and what it is worth."""

from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from bidder.lab.exchange.traffic.devices import Kind


class Surface(Struct, frozen=True):
    """One kind of slot. `media` holds the media objects of the imp by name."""

    name: str
    kinds: frozenset[Kind]
    apps: bool  # whether it is in apps rather than on sites
    median_cpm: float  # USD, of one rival bid
    click_rate: float
    viewability: float
    media: dict[str, dict[str, Any]]
    imp: dict[str, Any] = {}  # further attributes of the imp
    slots: int = 1  # of a structured pod


def _banner(*sizes: tuple[int, int], **more: Any) -> dict[str, Any]:
    w, h = sizes[0]
    mimes = ["image/jpeg", "image/png", "text/html"]
    return {"format": [{"w": w, "h": h} for w, h in sizes], "w": w, "h": h, "mimes": mimes, **more}


def _video(seconds: int, plcmt: int, **more: Any) -> dict[str, Any]:
    return {
        "mimes": ["video/mp4", "video/webm"],
        "minduration": 5,
        "maxduration": seconds,
        "protocols": [2, 3, 5, 6, 7, 8],
        "plcmt": plcmt,
        "linearity": 1,
        "playbackmethod": [1],
        "delivery": [2],
        **more,
    }


def _native(plcmttype: int, *assets: dict[str, Any], context: int = 1) -> dict[str, Any]:
    wanted = {
        "ver": "1.2",
        "context": context,
        "plcmttype": plcmttype,
        "assets": [{"id": index, **asset} for index, asset in enumerate(assets, 1)],
        "eventtrackers": [{"event": 1, "methods": [1, 2]}],
        "privacy": 1,
    }
    return {"request": msgspec.json.encode(wanted).decode(), "ver": "1.2", "api": [7]}


def _title(length: int) -> dict[str, Any]:
    return {"required": 1, "title": {"len": length}}


def _image(kind: int, wmin: int, hmin: int, required: int = 1) -> dict[str, Any]:
    size = {"wmin": wmin, "hmin": hmin}
    return {"required": required, "img": {"type": kind, **size, "mimes": ["image/jpeg", "image/png"]}}


def _data(kind: int, length: int, required: int = 0) -> dict[str, Any]:
    return {"required": required, "data": {"type": kind, "len": length}}


_FEED = _native(1, _title(90), _image(3, 600, 314), _data(1, 25, 1), _data(2, 140), _data(12, 15))
_WIDGET = _native(4, _title(60), _image(3, 300, 250), _data(1, 25, 1))
_APP_CARD = _native(2, _title(50), _image(3, 600, 314), _image(1, 80, 80), _data(2, 90, 1), _data(3, 5), context=3)
_RECTANGLE = _banner((300, 250), (336, 280), pos=1, api=[5, 6, 7], topframe=0, btype=[1])
_OUTSTREAM = _video(30, 4, w=640, h=360, playbackmethod=[6], skip=1, skipafter=5, pos=3, api=[7], battr=[1])
_AUDIO = {"minduration": 10, "startdelay": 0, "delivery": [1, 2]}
_MUSIC = {**_AUDIO, "mimes": ["audio/mpeg", "audio/mp4"], "maxduration": 30, "protocols": [2, 3, 7, 9, 11], "feed": 1}
_PODCAST = {**_AUDIO, "mimes": ["audio/mpeg"], "maxduration": 60, "protocols": [3, 7, 11], "feed": 3, "stitched": 1}
_PHONE, _TOUCH = frozenset({Kind.PHONE}), frozenset({Kind.PHONE, Kind.TABLET})
_LARGE, _TV = frozenset({Kind.COMPUTER, Kind.TABLET}), frozenset({Kind.TELEVISION})
_LISTEN, _SITE = frozenset({Kind.PHONE, Kind.SPEAKER}), frozenset({Kind.PHONE, Kind.TABLET, Kind.COMPUTER})
_MRAID = [3, 5, 6, 7]

_INSTREAM = _video(30, 1, w=854, h=480, startdelay=0, skip=1, skipafter=5, pos=1, api=[7], placement=1)
_FULL_SCREEN = _video(30, 3, w=320, h=480, skip=1, skipafter=5, pos=7, api=[7])
_REWARDED = _video(45, 3, w=360, h=640, skip=0, pos=7, api=[7])
_TV_PREROLL = _video(30, 1, w=1920, h=1080, startdelay=0, skip=0, pos=7, maxbitrate=12000, podseq=1)
_TV_BREAK = _video(30, 1, w=1920, h=1080, startdelay=-1, skip=0, pos=7, podseq=0)
_SDK = {"displaymanager": "slotkit", "displaymanagerver": "4.2"}

_ALL = (
    Surface("billboard", _LARGE, False, 1.6, 0.004, 0.78, {"banner": _banner((970, 250), (970, 90), (728, 90), pos=1)}),
    Surface("leaderboard", _LARGE, False, 0.9, 0.003, 0.62, {"banner": _banner((728, 90), pos=4, battr=[1, 8])}),
    Surface("rectangle", _SITE, False, 1.0, 0.005, 0.66, {"banner": _RECTANGLE}),
    Surface("skyscraper", _LARGE, False, 0.8, 0.003, 0.58, {"banner": _banner((160, 600), (300, 600), pos=6)}),
    Surface("below", _SITE, False, 0.35, 0.002, 0.34, {"banner": _banner((300, 250), (300, 600), pos=3, battr=[8])}),
    Surface("sticky", _PHONE, False, 0.7, 0.006, 0.81, {"banner": _banner((320, 50), (320, 100), pos=5, battr=[1, 6])}),
    Surface("feed", _SITE, False, 1.3, 0.008, 0.60, {"native": _FEED}),
    Surface("widget", _SITE, False, 0.5, 0.004, 0.45, {"native": _WIDGET}),
    Surface("outstream", _SITE, False, 4.5, 0.006, 0.70, {"video": _OUTSTREAM}),
    Surface("instream", _SITE, False, 8.0, 0.007, 0.88, {"video": _INSTREAM}),
    Surface("article", _SITE, False, 1.8, 0.006, 0.64, {"banner": _RECTANGLE, "native": _WIDGET}),
    Surface("flexible", _SITE, False, 2.4, 0.006, 0.68, {"banner": _RECTANGLE, "video": _OUTSTREAM}),
    Surface("app-banner", _TOUCH, True, 0.45, 0.005, 0.85, {"banner": _banner((320, 50), pos=5, api=_MRAID)}),
    Surface("app-rectangle", _TOUCH, True, 0.8, 0.006, 0.70, {"banner": _banner((300, 250), pos=3, api=_MRAID)}),
    Surface(
        name="app-interstitial",
        kinds=_TOUCH,
        apps=True,
        median_cpm=4.0,
        click_rate=0.02,
        viewability=0.93,
        media={"banner": _banner((320, 480), (300, 250), pos=7, api=_MRAID), "video": _FULL_SCREEN},
        imp={"instl": 1, **_SDK},
    ),
    Surface("rewarded", _TOUCH, True, 9.0, 0.025, 0.96, {"video": _REWARDED}, {"rwdd": 1, "instl": 1, **_SDK}),
    Surface("app-card", _TOUCH, True, 1.2, 0.009, 0.65, {"native": _APP_CARD}),
    Surface("tv-preroll", _TV, True, 18.0, 0.001, 0.98, {"video": _TV_PREROLL}, {"ssai": 2}),
    Surface("tv-break", _TV, True, 20.0, 0.001, 0.97, {"video": _TV_BREAK}, {"ssai": 2}, slots=3),
    Surface("music", _LISTEN, True, 5.0, 0.002, 0.9, {"audio": _MUSIC}),
    Surface("podcast", _LISTEN, True, 9.0, 0.002, 0.9, {"audio": _PODCAST}, {"ssai": 3}),
)

SURFACES: Final = {surface.name: surface for surface in _ALL}
"""Every kind of slot by its name."""


def encoded_media(surface: Surface, version: str, slot: int) -> dict[str, Raw]:
    """The media objects as JSON for a receiver of `version`; `slot` counts from 1 in a pod, and is 0 outside one.

    An answer of OpenRTB 2.5 cannot say which media type it is for (`mtype`), so there a slot offers one only.
    """
    offered = islice(surface.media.items(), 1 if version == "2.5" else None)
    return {name: Raw(msgspec.json.encode(_for(media, version, slot))) for name, media in offered}


def _for(media: dict[str, Any], version: str, slot: int) -> dict[str, Any]:
    if version == "2.5":
        old = {name: value for name, value in media.items() if name not in {"plcmt", "podseq"}}
        if "plcmt" in media:
            old["placement"] = {1: 1, 3: 5, 4: 3}[media["plcmt"]]
        return old | ({"sequence": slot} if slot else {})
    # The first slot of a break has a place of its own; the others are anywhere after it (OpenRTB 2.6, 7.6).
    return media | ({"podid": "break", "slotinpod": 1 if slot == 1 else 0} if slot else {})
