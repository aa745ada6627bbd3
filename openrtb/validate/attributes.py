"""What holds for single attributes wherever they occur: required, in range, in order, not combined.

The tables name the attributes; `check` applies them to one object of any class.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from openrtb.audience import BrandVersion, Device, Geo, User, UserAgent
from openrtb.context import App, Content, Site
from openrtb.imp import (
    Audio,
    Banner,
    Deal,
    DurFloors,
    Format,
    Imp,
    Metric,
    Native,
    Pmp,
    Qty,
    Refresh,
    RefSettings,
    Video,
)
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
    TitleRequest,
    TitleResponse,
    VideoRequest,
    VideoResponse,
)
from openrtb.request import BidRequest, Regs, Source, SupplyChain, SupplyChainNode
from openrtb.response import Bid, BidResponse, SeatBid
from openrtb.validate.finding import Finding, finding, shown

REQUIRED: Final[Mapping[type[Struct], Mapping[str, str]]] = {
    BidRequest: {"id": "the id of the auction", "imp": "at least one Imp"},
    Imp: {"id": "an id unique in the request"},
    Metric: {"type": "the name of the metric", "value": "a number"},
    Video: {"mimes": 'the types the player takes, such as ["video/mp4"]'},
    Audio: {"mimes": 'the types the player takes, such as ["audio/mp4"]'},
    Native: {"request": "a native request as JSON text"},
    Deal: {"id": "the id a bid repeats in dealid"},
    Qty: {"multiplier": "the impressions one play counts as"},
    SupplyChain: {"complete": "0 or 1", "nodes": "at least one node", "ver": '"1.0"'},
    SupplyChainNode: {"asi": "the domain of the selling system", "sid": "the seller id in that system"},
    BrandVersion: {"brand": "a name such as Chrome"},
    NativeRequest: {"assets": "at least one asset"},
    AssetRequest: {"id": "an integer unique in the request"},
    TitleRequest: {"len": "the longest title in characters"},
    VideoRequest: {
        "mimes": 'the types accepted, such as ["video/mp4"]',
        "minduration": "seconds",
        "maxduration": "seconds",
        "protocols": "the VAST versions accepted",
    },
    DataRequest: {"type": "a code of Native 1.2, 7.4"},
    EventTrackerRequest: {"event": "a code of Native 1.2, 7.6", "methods": "codes of Native 1.2, 7.7"},
    BidResponse: {"id": "the id of the request"},
    SeatBid: {"bid": "at least one Bid"},
    Bid: {"id": "an id of the bidder's own", "impid": "the id of the imp bid on", "price": "a CPM above 0"},
    TitleResponse: {"text": "the title"},
    ImageResponse: {"url": "the URL of the image"},
    VideoResponse: {"vasttag": "a VAST document"},
    DataResponse: {"value": "the text to show"},
    LinkResponse: {"url": "the landing page"},
    EventTrackerResponse: {"event": "a code of Native 1.2, 7.6", "method": "a code of Native 1.2, 7.7"},
}
"""Required attributes and what belongs there."""

SPECIFIC_RULES: Final[Mapping[tuple[type[Struct], str], str]] = {
    (BidRequest, "id"): "req-id",
    (BidRequest, "imp"): "req-imp-min-one",
    (SupplyChain, "complete"): "schain-required",
    (SupplyChain, "nodes"): "schain-required",
    (SupplyChain, "ver"): "schain-required",
    (SupplyChainNode, "asi"): "schain-required",
    (SupplyChainNode, "sid"): "schain-required",
    (SeatBid, "bid"): "seatbid-min-one",
    (Bid, "id"): "bid-required",
    (Bid, "impid"): "bid-required",
    (Bid, "price"): "bid-required",
}
"""Required attributes that a rule of their own demands; the others fall under `required-attribute`."""

Span = tuple[float, float]

_HUGE = float("1e300")
_COUNT: Span = (0, _HUGE)
_FLAG: Span = (0, 1)
_POSITIVE: Span = (5e-324, _HUGE)  # from the smallest float above zero
_VIDEO_AND_AUDIO: Mapping[str, Span] = {
    **dict.fromkeys(
        ("minduration", "maxduration", "poddur", "maxseq", "minbitrate", "maxbitrate", "mincpmpersec"), _COUNT
    ),
    "maxextended": (-1, _HUGE),
}

RANGES: Final[Mapping[type[Struct], Mapping[str, Span]]] = {
    BidRequest: {"test": _FLAG, "allimps": _FLAG, "tmax": (1, _HUGE)},
    Source: {"fd": _FLAG},
    Regs: {"coppa": _FLAG, "gdpr": _FLAG},
    SupplyChain: {"complete": _FLAG},
    SupplyChainNode: {"hp": _FLAG},
    Imp: {
        **dict.fromkeys(("instl", "secure", "clickbrowser", "rwdd"), _FLAG),
        **dict.fromkeys(("bidfloor", "exp", "dt"), _COUNT),
    },
    Format: dict.fromkeys(("w", "h", "wratio", "hratio", "wmin"), _COUNT),
    Banner: dict.fromkeys(("w", "h", "wmax", "hmax", "wmin", "hmin"), _COUNT) | {"topframe": _FLAG, "vcm": _FLAG},
    Video: {
        **_VIDEO_AND_AUDIO,
        **dict.fromkeys(("w", "h", "skipmin", "skipafter"), _COUNT),
        **dict.fromkeys(("skip", "boxingallowed"), _FLAG),
    },
    Audio: {**_VIDEO_AND_AUDIO, "stitched": _FLAG},
    DurFloors: dict.fromkeys(("mindur", "maxdur", "bidfloor"), _COUNT),
    Pmp: {"private_auction": _FLAG},
    Deal: {"bidfloor": _COUNT, "mincpmpersec": _COUNT, "guar": _FLAG},
    Qty: {"multiplier": _POSITIVE},
    RefSettings: {"minint": _COUNT},
    Refresh: {"count": _COUNT},
    Site: {"mobile": _FLAG, "privacypolicy": _FLAG},
    App: {"privacypolicy": _FLAG, "paid": _FLAG},
    Content: {
        **dict.fromkeys(("sourcerelationship", "embeddable", "realtime", "firstbroadcast"), _FLAG),
        "len": _COUNT,
    },
    Device: {
        **dict.fromkeys(("dnt", "lmt", "js", "geofetch"), _FLAG),
        **dict.fromkeys(("w", "h", "ppi", "pxratio"), _COUNT),
    },
    UserAgent: {"mobile": _FLAG},
    Geo: {"lat": (-90, 90), "lon": (-180, 180), "accuracy": _COUNT, "lastfix": _COUNT, "utcoffset": (-720, 840)},
    NativeRequest: {
        **dict.fromkeys(("aurlsupport", "durlsupport", "privacy"), _FLAG),
        "plcmtcnt": (1, _HUGE),
        "seq": _COUNT,
    },
    AssetRequest: {"required": _FLAG},
    TitleRequest: {"len": _COUNT},
    ImageRequest: dict.fromkeys(("w", "wmin", "h", "hmin"), _COUNT),
    VideoRequest: dict.fromkeys(("minduration", "maxduration"), _COUNT),
    DataRequest: {"len": _COUNT},
    SeatBid: {"group": _FLAG},
    Bid: dict.fromkeys(("w", "h", "wratio", "hratio", "exp", "dur"), _COUNT),
    ImageResponse: {"w": _COUNT, "h": _COUNT},
    AssetResponse: {"required": _FLAG},
    TitleResponse: {"len": _COUNT},
    DataResponse: {"len": _COUNT},
}
"""The least and the greatest value, both allowed."""

ORDERED: Final[Mapping[type[Struct], tuple[tuple[str, str], ...]]] = {
    Video: (("minduration", "maxduration"), ("minbitrate", "maxbitrate")),
    Audio: (("minduration", "maxduration"), ("minbitrate", "maxbitrate")),
    VideoRequest: (("minduration", "maxduration"),),
    DurFloors: (("mindur", "maxdur"),),
}
"""Low and high ends of the same range."""

EXCLUSIVE: Final[Mapping[type[Struct], tuple[tuple[str, str, str], ...]]] = {
    BidRequest: (
        ("wseat", "bseat", "req-seat-lists"),
        ("wlang", "wlangb", "req-lang-lists"),
        ("acat", "bcat", "req-acat-bcat"),
    ),
    Site: (("keywords", "kwarray", "keywords-xor"),),
    App: (("keywords", "kwarray", "keywords-xor"),),
    Content: (("keywords", "kwarray", "keywords-xor"), ("language", "langb", "language-xor")),
    User: (("keywords", "kwarray", "keywords-xor"),),
    Device: (("language", "langb", "language-xor"),),
    Bid: (("language", "langb", "language-xor"),),
}
"""Two attributes of which at most one is sent, and the rule that says so."""


def check(node: Struct, path: str) -> Iterator[Finding]:
    """What is wrong with the attributes of one object, its children apart."""
    cls = type(node)
    for name, wanted in REQUIRED.get(cls, {}).items():
        if _absent(getattr(node, name)):
            rule = SPECIFIC_RULES.get((cls, name), "required-attribute")
            yield finding(rule, f"{path}.{name}", f"{cls.__name__}.{name} is missing or empty; required: {wanted}")
    for name, (low, high) in RANGES.get(cls, {}).items():
        value = getattr(node, name)
        if value is not None and not low <= value <= high:
            yield finding("attribute-range", f"{path}.{name}", f"{shown(value)} is not {_span(low, high)}")
    for low_name, high_name in ORDERED.get(cls, ()):
        start, end = getattr(node, low_name), getattr(node, high_name)
        if start is not None and end is not None and start > end:
            message = f"{low_name} {shown(start)} is above {high_name} {shown(end)}; nothing fits between them"
            yield finding("range-order", f"{path}.{low_name}", message)
    for one, other, rule in EXCLUSIVE.get(cls, ()):
        if getattr(node, one) and getattr(node, other):
            yield finding(rule, f"{path}.{other}", f"both {one} and {other} are sent; send one of them")


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, str | list) and not value)


def _span(low: float, high: float) -> str:
    if (low, high) == _FLAG:
        return "0 or 1"
    if (low, high) == _POSITIVE:
        return "above 0"
    return f"{low:g} or more" if high == _HUGE else f"between {low:g} and {high:g}"
