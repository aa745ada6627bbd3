"""What people are told of a creative that does not fit: the value seen and the value wanted."""

from typing import Any

import pytest

from bidder.auction.creative import misfits
from bidder.config.schema import Approval
from bidder.domain.reason import Reason
from tests.auction.creative.builders import IMPS, native_imp, prepared, slot_of
from tests.auction.creative.test_fit import TAG

TOLD: list[tuple[str, dict[str, Any], dict[str, Any], tuple[Reason, str, str]]] = [
    (
        "banner",
        {},
        {"w": 728, "h": 90, "format": [{"wratio": 16, "hratio": 9, "wmin": 320}]},
        (Reason.CREATIVE_SIZE, "300x250", "728x90, ratio 16:9 from 320 wide"),
    ),
    (
        "banner",
        {"attr": (13, 6)},
        {"battr": [6, 1]},
        (Reason.CREATIVE_ATTRIBUTE, "attributes 6, 13", "none of the blocked 6"),
    ),
    ("banner", {}, {"btype": [2, 3]}, (Reason.CREATIVE_TYPE, "banner types 2", "none of the blocked 2")),
    ("banner", {"api": (7, 5)}, {"api": [5]}, (Reason.CREATIVE_API, "needs API 5, 7", "at most API 5")),
    ("banner", {"api": (7,)}, {}, (Reason.CREATIVE_API, "needs API 7", "at most API none")),
    (
        "banner",
        {"image": None, "html": "<b>"},
        {"mimes": ["image/png", "image/gif"]},
        (
            Reason.CREATIVE_MIME,
            (
                "application/javascript or application/x-javascript or application/xhtml+xml or text/html "
                "or text/javascript"
            ),
            "one of image/gif, image/png",
        ),
    ),
    (
        "video",
        {},
        {"mimes": ["video/webm"], "delivery": [1]},
        (Reason.CREATIVE_MIME, "video/mp4 (progressive)", "video/webm by delivery 1"),
    ),
    (
        "video",
        TAG,
        {"protocols": [2, 3]},
        (Reason.CREATIVE_PROTOCOL, "VAST_3_0_WRAPPER", "one of VAST_2_0, VAST_3_0"),
    ),
    (
        "video",
        {**TAG, "vast_protocol": 1},
        {},
        (Reason.CREATIVE_PROTOCOL, "none", "any version we can write"),
    ),
    ("video", {}, {"minduration": 20}, (Reason.CREATIVE_DURATION, "15 s", "20 s to any length")),
    ("video", {}, {"rqddurs": [10, 30]}, (Reason.CREATIVE_DURATION, "15 s", "one of 10 s, 30 s")),
    ("video", {**TAG, "duration_s": None}, {"maxduration": 30}, (Reason.CREATIVE_DURATION, "unknown", "0 s to 30 s")),
    ("video", {}, {"linearity": 2}, (Reason.CREATIVE_LINEARITY, "linear", "linearity 2")),
    (
        "video",
        {"skip_after_s": 5},
        {"skip": 0},
        (Reason.CREATIVE_SKIP, "its own skip control", "no skipping"),
    ),
    (
        "video",
        {**TAG, "skip_after_s": 5},
        {"skip": 1},
        (Reason.CREATIVE_SKIP, "its own skip control", "the player adds its own"),
    ),
    (
        "video",
        {"skip_after_s": 5},
        {"battr": [16]},
        (Reason.CREATIVE_SKIP, "its own skip control", "attribute 16 is blocked"),
    ),
    ("video", {}, {"maxbitrate": 800}, (Reason.CREATIVE_BITRATE, "1200 kbit/s", "any to 800 kbit/s")),
    (
        "banner",
        {"expandable": (3, 1)},
        {"expdir": [1]},
        (Reason.CREATIVE_EXPANDABLE, "expands to 1, 3", "at most to 1"),
    ),
]


@pytest.mark.parametrize(("kind", "changes", "asked", "told"), TOLD)
def test_a_failed_check_says_what_was_seen_and_what_was_wanted(
    kind: str, changes: dict[str, Any], asked: dict[str, Any], told: tuple[Reason, str, str]
) -> None:
    assert misfits(prepared(kind, **changes), slot_of({kind: {**IMPS[kind][kind], **asked}}, kind), "x", ()) == [told]


def test_a_native_ad_tells_of_every_required_asset_it_lacks() -> None:
    assets = [
        {"id": 1, "required": 1, "title": {"len": 5}},
        {"id": 2, "required": 1, "img": {"type": 3, "wmin": 2000, "h": 9, "mimes": ["image/png"]}},
        {"id": 3, "required": 1, "data": {"type": 8, "len": 20}},
        {"id": 4, "required": 1, "video": {"mimes": ["video/mp4"]}},
        {"id": 5, "required": 1, "data": {"type": 1}},
        {"id": 6, "data": {"type": 9}},
    ]
    ((reason, seen, wanted),) = misfits(prepared("native"), slot_of(native_imp(assets), "native"), "x", ())
    assert reason is Reason.CREATIVE_NATIVE_ASSETS
    assert seen == "a title of 12 characters; images of 1200x627; no such data; no such asset"
    assert wanted == (
        "asset 1: a title of at most 5 characters; asset 2: an image of type 3, at least 2000x9 (image/png); "
        "asset 3: data of type 8 of at most 20 characters; asset 4: a video"
    )


@pytest.mark.parametrize("request_text", ["{", "", '{"assets":[]}'])
def test_a_native_request_without_readable_assets_is_said_to_be_one(request_text: str) -> None:
    slot = slot_of({"native": {"request": request_text}}, "native")
    assert [wanted for _, _, wanted in misfits(prepared("native"), slot, "x", ())] == [
        "a native request that can be read and asks for assets"
    ]


def test_several_failures_come_in_the_order_of_the_checks() -> None:
    shown = prepared(
        approval=Approval(exchanges=("y",), deals=("d", "e")), size="9x9", attr=(1,), language="de", secure=False
    )
    slot = slot_of({"banner": {"w": 300, "h": 250, "battr": [1]}, "secure": 1}, "banner", wlang=["en"])
    assert misfits(shown, slot, "x", ("f",)) == [
        (
            Reason.CREATIVE_NOT_APPROVED,
            "approved for exchange y; approved for deal d, e",
            "exchange x; deal f",
        ),
        (Reason.CREATIVE_SIZE, "9x9", "300x250"),
        (Reason.CREATIVE_ATTRIBUTE, "attributes 1", "none of the blocked 1"),
        (Reason.CREATIVE_LANGUAGE, "language de", "one of en"),
        (Reason.CREATIVE_NOT_SECURE, "parts that load over plain HTTP", "HTTPS only"),
    ]
