"""What a slot tells of an imp."""

import pytest

from bidder.auction.creative import needs_secure, slots_of
from tests.auction.creative.builders import IMPS, native_imp, request, slot, slot_of


def test_an_imp_with_every_media_object_has_a_slot_for_each_in_a_fixed_order() -> None:
    asked = request({name: imp[name] for name, imp in reversed(IMPS.items())})
    assert [each.format for each in slots_of(asked.imp[0], asked)] == ["banner", "video", "audio", "native"]


def test_an_imp_without_media_objects_has_no_slots() -> None:
    asked = request({})
    assert slots_of(asked.imp[0], asked) == []


def test_a_banner_offers_its_formats_and_its_own_size_and_leaves_out_broken_ones() -> None:
    formats = [{"w": 728, "h": 90}, {"w": 300}, {"w": -1, "h": 5}, {"wratio": 6, "hratio": 5, "wmin": 200}, {}]
    found = slot("banner", format=formats)
    assert list(found.sizes) == [(728, 90), (300, 250)]
    assert list(found.ratios) == [(6, 5, 200)]
    assert found.flexible


def test_a_banner_without_ratios_is_not_flexible() -> None:
    assert not slot("banner").flexible


def test_an_absent_list_is_an_empty_one() -> None:
    found = slot("banner")
    assert (found.battr, found.api, found.btype, found.expdir, found.wlang) == ((), (), (), (), ())
    assert found.mimes == frozenset()


def test_media_types_are_compared_in_lower_case() -> None:
    assert slot("video", mimes=["Video/MP4"]).mimes == {"video/mp4"}


@pytest.mark.parametrize(
    ("media", "longest"),
    [
        ({}, None),
        ({"maxduration": 30}, 30),
        ({"maxduration": 30, "maxextended": 0}, 30),
        ({"maxduration": 30, "maxextended": 15}, 45),
        ({"maxduration": 30, "maxextended": -1}, None),
        ({"maxduration": 30, "maxextended": -5}, 30),
        ({"maxextended": 15}, None),
        ({"poddur": 60}, 60),
        ({"poddur": 60, "maxduration": 30}, 30),
        ({"poddur": 20, "maxduration": 30}, 20),
        ({"poddur": 60, "maxduration": 30, "maxextended": -1}, 60),
    ],
)
def test_the_longest_ad_is_the_maximum_with_its_extension_inside_the_pod(
    media: dict[str, int], longest: int | None
) -> None:
    assert slot("video", **media).longest_s == longest
    assert slot("audio", **media).longest_s == longest


def test_a_pod_is_described_only_where_there_is_one() -> None:
    pod = slot("video", podid="p", poddur=90, maxseq=3, slotinpod=1)
    assert (pod.pod_id, pod.pod_s, pod.pod_ads, pod.pod_place) == ("p", 90, 3, 1)
    alone = slot("video", maxseq=3)
    assert (alone.pod_id, alone.pod_s, alone.pod_ads) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "wanted"), [({}, False), ({"secure": 0}, False), ({"secure": 1}, True), ({"secure": 2}, False)]
)
def test_only_secure_1_demands_https(sent: dict[str, int], wanted: bool) -> None:
    assert needs_secure(slot_of({**IMPS["video"], **sent}, "video")) is wanted


def test_languages_of_both_lists_count_by_their_first_part() -> None:
    found = slot_of(IMPS["banner"], "banner", wlang=["EN"], wlangb=["pt-BR", "de"])
    assert list(found.wlang) == ["en", "pt", "de"]


def test_a_native_request_is_decoded_when_it_is_first_asked_for() -> None:
    found = slot_of(native_imp([{"id": 7, "title": {"len": 25}}]), "native")
    native = found.native
    assert native is not None
    assert [asset.id for asset in native.assets] == [7]
    assert found.native is native


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"assets":5}', '{"native":"x"}'])
def test_a_native_request_that_cannot_be_read_is_none(text: str) -> None:
    found = slot("native", request=text)
    assert found.native is None or not found.native.assets
