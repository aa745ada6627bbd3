"""Creatives, imps and links with sane defaults, and the answer that a rendering becomes."""

import json
from typing import Any
from xml.etree import ElementTree as ET

from bidder.auction.creative import Prepared, Rendered, Slot, prepare, slots_of
from bidder.config.schema import Creative, Image, Media, NativeAssets
from bidder.domain.links import Links
from openrtb import decode_request
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from openrtb.validate import Finding, validate_response

LINKS = Links(
    win="https://t.example/win/TICKET?p=${AUCTION_PRICE}",
    billing="https://t.example/bill/TICKET?p=${AUCTION_PRICE}",
    loss="https://t.example/loss/TICKET?r=${AUCTION_LOSS}&p=${AUCTION_PRICE}",
    impression="https://t.example/imp/TICKET?p=${AUCTION_PRICE}&v=1",
    click="https://t.example/click/TICKET?to=https://brand.com/%3Fa%3D1&sig=MAC",
)


def creative(kind: str = "banner", /, **changes: Any) -> Creative:
    """A creative of the format with what that format needs."""
    return Creative(
        **{
            "id": f"{kind}-1",
            "format": kind,
            "landing": "https://brand.com/?a=1",
            "adomain": ("brand.com",),
            **_NEEDED[kind],
            **changes,
        }
    )


def media(**changes: Any) -> Media:
    """A progressive MP4 file of 1200 kbit/s."""
    return Media(
        **{
            "url": "https://cdn.brand.com/a.mp4",
            "type": "video/mp4",
            "bitrate_kbps": 1200,
            "size": "1280x720",
            **changes,
        }
    )


_NEEDED: dict[str, dict[str, Any]] = {
    "banner": {"size": "300x250", "image": "https://cdn.brand.com/a.png"},
    "video": {"media": (media(),), "duration_s": 15},
    "audio": {
        "media": (Media(url="https://cdn.brand.com/a.mp3", type="audio/mpeg", bitrate_kbps=128),),
        "duration_s": 15,
    },
    "native": {
        "native": NativeAssets(
            title="Sturdy boots",
            description="Made for rain and rock.",
            sponsored="Brand",
            cta="Shop now",
            rating="4.5",
            icon=Image(url="https://cdn.brand.com/i.png", size="80x80"),
            images=(Image(url="https://cdn.brand.com/m.jpg", size="1200x627"),),
        )
    },
}


def prepared(kind: str = "banner", /, **changes: Any) -> Prepared:
    """The same, ready for the auction."""
    return prepare(creative(kind, **changes), "campaign")


def request(imp: dict[str, Any], **changes: Any) -> BidRequest:
    """A request with that one imp."""
    return decode_request(json.dumps({"id": "r", "imp": [{"id": "i", **imp}], **changes}).encode())


def native_imp(assets: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """An imp that asks for those native assets."""
    return {"native": {"request": json.dumps({"ver": "1.2", "assets": assets, **changes}), "ver": "1.2"}}


IMPS: dict[str, dict[str, Any]] = {
    "banner": {"banner": {"w": 300, "h": 250}},
    "video": {"video": {"mimes": ["video/mp4"], "w": 640, "h": 360}},
    "audio": {"audio": {"mimes": ["audio/mpeg"]}},
    "native": native_imp([{"id": 1, "required": 1, "title": {"len": 90}}]),
}
"""For each format an imp that the creative of the same format fits."""


def slot(kind: str, /, **changes: Any) -> Slot:
    """The slot of the standard imp of a format, its media object changed."""
    return slot_of({kind: {**IMPS[kind][kind], **changes}}, kind)


def slot_of(imp: dict[str, Any], kind: str, /, **changes: Any) -> Slot:
    """The slot of that format in an imp, of a request with `changes`."""
    seen = request(imp, **changes)
    return next(each for each in slots_of(seen.imp[0], seen) if each.format == kind)


def xml(markup: str) -> ET.Element:
    """Our own markup, parsed."""
    return ET.fromstring(markup.encode())  # noqa: S314


def answer(asked: BidRequest, shown: Prepared, rendered: Rendered) -> BidResponse:
    """A whole response with the rendering as its one bid, at a price above every floor."""
    bid = Bid(
        id="b",
        impid=asked.imp[0].id,
        price=1e6,
        adm=rendered.adm,
        crid=shown.id,
        cid=shown.campaign,
        adomain=list(shown.adomain),
        cat=list(shown.cat) or None,
        cattax=shown.cattax,
        language=shown.language,
        mtype=rendered.mtype,
        w=rendered.w,
        h=rendered.h,
        wratio=rendered.wratio,
        hratio=rendered.hratio,
        protocol=rendered.protocol,
        dur=rendered.dur,
        attr=list(rendered.attr) or None,
        apis=list(rendered.apis) or None,
    )
    return BidResponse(id=asked.id, cur=asked.imp[0].bidfloorcur, seatbid=[SeatBid(bid=[bid])])


def findings(asked: BidRequest, shown: Prepared, rendered: Rendered) -> list[Finding]:
    """What a strict exchange finds wrong with that response, notes apart."""
    found = validate_response(answer(asked, shown, rendered), asked)
    return [finding for finding in found if finding.severity != "info"]
