"""Native markup: the answer to the assets asked for, and how the impression is tracked."""

import json
from typing import Any

import pytest

from bidder.auction.creative import render
from openrtb import decode_native_response
from openrtb.native import NativeResponse
from tests.auction.creative.builders import LINKS, native_imp, prepared, slot_of

TITLE = {"id": 5, "required": 1, "title": {"len": 90}}


def answered(assets: list[dict[str, Any]], **changes: Any) -> NativeResponse:
    rendered = render(prepared("native"), slot_of(native_imp(assets, **changes), "native"), LINKS)
    assert rendered.mtype == 4
    return decode_native_response(rendered.adm)


def test_each_asset_that_can_be_answered_is_answered_under_its_own_id() -> None:
    assets = [
        TITLE,
        {"id": 9, "img": {"type": 3, "wmin": 100, "hmin": 100}},
        {"id": 0, "data": {"type": 1, "len": 25}},
        {"id": 8, "data": {"type": 6}},
        {"id": -3, "data": {"type": 2, "len": 5}},
    ]
    found = {asset.id: asset for asset in answered(assets).assets or ()}
    assert sorted(each for each in found if each is not None) == [0, 5, 9]
    title, image, data = found[5].title, found[9].img, found[0].data
    assert title is not None
    assert image is not None
    assert data is not None
    assert title.text == "Sturdy boots"
    assert (image.url, image.w, image.h) == ("https://cdn.brand.com/m.jpg", 1200, 627)
    assert data.value == "Brand"


def test_a_click_leads_to_the_click_url() -> None:
    link = answered([TITLE]).link
    assert link is not None
    assert link.url == LINKS.click


@pytest.mark.parametrize(
    ("offered", "event"),
    [
        (None, False),
        ([], False),
        ([{"event": 1, "methods": [1]}], True),
        ([{"event": 2, "methods": [1]}, {"event": 1, "methods": [2, 1]}], True),
        ([{"event": 1, "methods": [2]}], False),
        ([{"event": 2, "methods": [1]}], False),
    ],
)
def test_the_impression_is_tracked_as_an_event_where_that_is_offered(
    offered: list[dict[str, Any]] | None, event: bool
) -> None:
    found = answered([TITLE], **({"eventtrackers": offered} if offered is not None else {}))
    trackers = [(each.event, each.method, each.url) for each in found.eventtrackers or ()]
    assert trackers == ([(1, 1, LINKS.impression)] if event else [])
    assert (found.imptrackers or []) == ([] if event else [LINKS.impression])


@pytest.mark.parametrize(("asked", "said"), [("1", "1"), ("1.1", "1.1"), ("1.2", "1.2"), ("9", "1.2"), ('"', "1.2")])
def test_a_known_version_is_answered_in_kind(asked: str, said: str) -> None:
    assert answered([TITLE], ver=asked).ver == said


def test_the_markup_is_one_line_of_json_with_the_price_macro_as_it_is() -> None:
    adm = render(prepared("native"), slot_of(native_imp([TITLE]), "native"), LINKS).adm
    assert json.loads(adm)["imptrackers"] == [LINKS.impression]
    assert "${AUCTION_PRICE}" in adm
    assert "\n" not in adm


@pytest.mark.parametrize(
    "assets",
    [
        [],
        [{**TITLE, "title": {"len": 3}}],
        [TITLE, TITLE],
        [TITLE, {"id": TITLE["id"], "img": {"type": 500}}],
        [{"id": TITLE["id"], "img": {"type": 500}}, TITLE],
    ],
)
def test_rendering_for_a_request_that_cannot_be_answered_is_refused(assets: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="cannot be answered"):
        render(prepared("native"), slot_of(native_imp(assets), "native"), LINKS)
