"""Golden cases leave nothing out: what a campaign, an exchange or a request can say is tried, or it is said why not.

Read from the schema and from the model of OpenRTB, so that a new key without a case fails here.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import structs

from bidder.config.schema import (
    Approval,
    Campaign,
    Creative,
    Dayparting,
    Flight,
    Goal,
    Media,
    NativeAssets,
    Pacing,
    Table,
    Transparency,
)
from bidder.config.schema.exchange import Losses
from openrtb.imp import Audio, Banner, Deal, Imp, Native, Pmp, Video
from openrtb.request import BidRequest
from tests.auction.creative.golden import NAMES, creative_named
from tests.auction.golden_case import cases

ALL = list(cases("good", "awkward"))


def paths(node: Any, path: str = "") -> Iterator[str]:
    """Every key below a document, as `imp.banner.format`; lists add nothing."""
    if isinstance(node, dict):
        for key, value in node.items():
            inside = f"{path}.{key}" if path else key
            yield inside
            yield from paths(value, inside)
    elif isinstance(node, list):
        for value in node:
            yield from paths(value, path)


def ads(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [document.get("creative", {}), *document.get("creatives", ())]


def written() -> Iterator[str]:
    """What cases say of campaigns, creatives and exchanges; `creative.` stands before what is said of creatives."""
    for case in ALL:
        for campaign in (case.get("campaign", {}), *case.get("rivals", ())):
            yield from paths(campaign)
        for each in (case.document, *case.get("rivals", ())):
            for ad in ads(each):
                yield from paths(ad, "creative")
        yield from paths(case.get("exchange", {}), "exchange")
    for name in NAMES:
        yield from paths(msgspec.to_builtins(creative_named(name)), "creative")


WRITTEN = set(written())
ASKED = {path for case in ALL for path in paths(case.request)}

TABLES: dict[str, type[Table]] = {
    "": Campaign,
    "flight": Flight,
    "goal": Goal,
    "pacing": Pacing,
    "dsa": Transparency,
    "dayparting": Dayparting,
    "creative": Creative,
    "creative.media": Media,
    "creative.native": NativeAssets,
    "creative.approval": Approval,
    "exchange.loss": Losses,
}

WRITTEN_ELSEWHERE = {
    "name": "a word for people",
    "budget": "what is granted of it is a case's `granted`; the rest is the ledger's",
    "group": "whose budget is the ledger's",
    "pacing.mode": "the pacer's",
    "creative.weight": "a share over many requests: test_rotation",
}


@pytest.mark.parametrize("name", TABLES)
def test_every_key_of_a_campaign_and_its_creatives_has_a_case(name: str) -> None:
    keys = {f"{name}.{field.name}".removeprefix(".") for field in structs.fields(TABLES[name])}
    assert keys - WRITTEN == keys & WRITTEN_ELSEWHERE.keys()


OBJECTS: dict[str, type[structs.Struct]] = {
    "": BidRequest,
    "imp": Imp,
    "imp.banner": Banner,
    "imp.video": Video,
    "imp.audio": Audio,
    "imp.native": Native,
    "imp.pmp": Pmp,
    "imp.pmp.deals": Deal,
}

_LIFTED = "older than 2.6, lifted to its 2.6 place by `openrtb.upgrade`, which has tests of its own"
_INFORMS = "tells of the place and limits no ad"
_COMPANIONS = "no companion ads are made, and none is ever required"
_PLAYER = "tells what the player does, with any ad"

NOT_ASKED = {
    "allimps": _INFORMS,
    "prodfeed": "an extension for product listing ads, which are not made",
    "imp.displaymanager": _INFORMS,
    "imp.displaymanagerver": _INFORMS,
    "imp.tagid": "a fact for models; it limits nothing",
    "imp.clickbrowser": _PLAYER,
    "imp.iframebuster": "for expanding ads out of a frame, which are not made",
    "imp.ssai": _INFORMS,
    "imp.qty": "how many people see it; the price is for one",
    "imp.dt": _INFORMS,
    "imp.refresh": _INFORMS,
    "imp.banner.topframe": _INFORMS,
    "imp.banner.id": _COMPANIONS,
    "imp.banner.vcm": _COMPANIONS,
    "imp.banner.wmin": _LIFTED,
    "imp.banner.wmax": _LIFTED,
    "imp.banner.hmin": _LIFTED,
    "imp.banner.hmax": _LIFTED,
    "imp.video.startdelay": _INFORMS,
    "imp.video.placement": _LIFTED,
    "imp.video.protocol": _LIFTED,
    "imp.video.sequence": _LIFTED,
    "imp.audio.sequence": _LIFTED,
    "imp.audio.startdelay": _INFORMS,
    "imp.video.skipmin": _PLAYER,
    "imp.video.skipafter": _PLAYER,
    "imp.video.boxingallowed": _PLAYER,
    "imp.video.playbackmethod": _PLAYER,
    "imp.video.playbackend": _PLAYER,
    "imp.video.poddedupe": "what the seller does; a pod never has two ads of one advertiser from us",
    "imp.video.companionad": _COMPANIONS,
    "imp.video.companiontype": _COMPANIONS,
    "imp.audio.companionad": _COMPANIONS,
    "imp.audio.companiontype": _COMPANIONS,
    "imp.audio.feed": _INFORMS,
    "imp.audio.stitched": _PLAYER,
    "imp.audio.nvol": _PLAYER,
    "imp.native.ver": "the request inside says it again",
    "imp.pmp.deals.guar": "a promise between people; no campaign is forced to bid",
}
"""What a request may say that no case says, and why that is so."""


@pytest.mark.parametrize("name", OBJECTS)
def test_everything_that_a_request_asks_of_an_ad_has_a_case(name: str) -> None:
    names = {field.encode_name for field in structs.fields(OBJECTS[name])} - {"ext"}
    keys = {f"{name}.{each}".removeprefix(".") for each in names}
    assert keys - ASKED == keys & NOT_ASKED.keys()
