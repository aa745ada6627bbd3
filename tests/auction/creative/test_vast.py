"""What a VAST or DAAST document holds, by version, and in which order."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bidder.auction.creative import prepare, render
from bidder.domain.links import Links
from tests.auction.creative.builders import LINKS, creative, media, prepared, slot, xml

CODES = {"2.0": 2, "3.0": 3, "4.0": 7, "4.1": 11, "4.2": 13, "4.3": 15}
WRAPPERS = {"2.0": 5, "3.0": 6, "4.0": 8, "4.1": 12, "4.2": 14, "4.3": 16}
TAG = {"media": (), "vast_url": "https://tags.brand.com/v?a=1&b=[RANDOM]"}


def parsed(kind: str, asked: dict[str, Any], **changes: Any) -> ET.Element:
    """The document of a creative for the media object."""
    rendered = render(prepared(kind, **changes), slot(kind, **asked), LINKS)
    return xml(rendered.adm)


def children(element: ET.Element | None) -> list[str]:
    assert element is not None
    return [child.tag for child in element]


@pytest.mark.parametrize(("version", "code"), CODES.items())
def test_an_inline_ad_has_the_elements_of_its_version_in_their_order(version: str, code: int) -> None:
    root = parsed("video", {"protocols": [code]})
    assert (root.tag, root.get("version")) == ("VAST", version)
    head = {
        "2": ["AdSystem", "AdTitle", "Impression", "Creatives"],
        "3": ["AdSystem", "AdTitle", "Impression", "Creatives"],
    }
    newest = ["AdSystem", "Impression", "AdServingId", "AdTitle", "Creatives"]
    newer = [name for name in newest if name != "AdServingId" or version >= "4.1"]
    assert children(root.find("Ad/InLine")) == head.get(version[0], newer)
    linear = ["Duration", "VideoClicks", "MediaFiles"] if version < "4" else ["Duration", "MediaFiles", "VideoClicks"]
    assert children(root.find(".//Linear")) == linear
    assert children(root.find(".//Creative")) == (["Linear"] if version < "4" else ["UniversalAdId", "Linear"])


@pytest.mark.parametrize(("version", "code"), CODES.items())
def test_an_inline_ad_says_what_the_creative_is(version: str, code: int) -> None:
    root = parsed("video", {"protocols": [code]}, skip_after_s=None if version == "2.0" else 5)
    linear, file = root.find(".//Linear"), root.find(".//MediaFile")
    assert linear is not None
    assert file is not None
    assert linear.get("skipoffset") == (None if version == "2.0" else "00:00:05")
    assert root.findtext(".//Duration") == "00:00:15"
    assert root.findtext(".//Impression") == LINKS.impression
    assert root.findtext(".//ClickThrough") == LINKS.click
    assert file.text == "https://cdn.brand.com/a.mp4"
    assert {name: file.get(name) for name in ("type", "delivery", "bitrate", "width", "height")} == {
        "type": "video/mp4",
        "delivery": "progressive",
        "bitrate": "1200",
        "width": "1280",
        "height": "720",
    }


@pytest.mark.parametrize(("version", "code"), WRAPPERS.items())
def test_a_wrapper_sends_the_player_on_and_listens(version: str, code: int) -> None:
    root = parsed("video", {"protocols": [code]}, **TAG, vast_protocol=CODES[version])
    before = ["AdSystem", "VASTAdTagURI", "Impression", "Creatives"]
    since_4 = ["AdSystem", "Impression", "Creatives", "VASTAdTagURI"]
    assert children(root.find("Ad/Wrapper")) == (before if version < "4" else since_4)
    assert root.findtext(".//VASTAdTagURI") == TAG["vast_url"]
    assert root.findtext(".//Impression") == LINKS.impression
    assert root.findtext(".//Linear/VideoClicks/ClickTracking") == LINKS.click
    assert root.find(".//ClickThrough") is None


def test_a_non_linear_wrapper_listens_where_its_version_lets_it() -> None:
    newer = parsed("video", {"linearity": 2}, **TAG, vast_protocol=3, linear=False)
    assert newer.findtext(".//NonLinear/NonLinearClickTracking") == LINKS.click
    assert newer.find(".//Linear") is None
    older = parsed("video", {"linearity": 2}, **TAG, vast_protocol=2, linear=False)
    assert children(older.find(".//Creatives")) == []


def test_daast_has_its_own_names() -> None:
    root = parsed("audio", {"protocols": [9]})
    assert (root.tag, root.get("version")) == ("DAAST", "1.0")
    assert children(root.find("Ad/InLine")) == ["AdSystem", "AdTitle", "Category", "Impression", "Creatives"]
    assert root.findtext(".//AdInteractions/ClickThrough") == LINKS.click
    file = root.find(".//MediaFile")
    assert file is not None
    assert file.keys() == ["id", "delivery", "type", "bitrate"]


def test_a_daast_wrapper_sends_the_player_on_by_its_own_element() -> None:
    root = parsed("audio", {"protocols": [10]}, **TAG, vast_protocol=9)
    assert root.findtext(".//DAASTAdTagURI") == TAG["vast_url"]
    assert root.findtext(".//AdInteractions/ClickTracking") == LINKS.click


@pytest.mark.parametrize(("code", "kind"), [(7, None), (11, "audio"), (15, "audio")])
def test_audio_says_so_since_vast_4_1(code: int, kind: str | None) -> None:
    ad = parsed("audio", {"protocols": [code]}).find("Ad")
    assert ad is not None
    assert ad.get("adType") == kind


@pytest.mark.parametrize(
    ("accepted", "written"),
    [([], 3), ([2], 2), ([2, 3], 3), ([3, 2], 3), ([1, 2, 3, 4, 5, 6, 7, 8], 7), ([15, 11], 15), ([13, 14, 3], 13)],
)
def test_the_newest_version_that_the_player_takes_is_written_and_3_0_where_it_does_not_say(
    accepted: list[int], written: int
) -> None:
    assert render(prepared("video"), slot("video", protocols=accepted), LINKS).protocol == written


def test_only_the_files_that_the_player_can_play_are_offered_and_the_first_gives_the_size() -> None:
    files = (
        media(url="https://c.example/1", bitrate_kbps=4000),
        media(url="https://c.example/2", size="640x360"),
        media(url="https://c.example/3", type="video/webm"),
        media(url="https://c.example/4", size="320x180"),
    )
    rendered = render(prepared("video", media=files), slot("video", maxbitrate=2000), LINKS)
    urls = [file.text for file in xml(rendered.adm).iter("MediaFile")]
    assert urls == ["https://c.example/2", "https://c.example/4"]
    assert (rendered.w, rendered.h) == (640, 360)


@pytest.mark.parametrize(
    ("skip", "declared", "offset"), [(None, (13, 16), "00:00:05"), (1, (13,), None)]
)  # fmt: skip
def test_the_skip_control_is_declared_where_it_is_written(
    skip: int | None, declared: tuple[int, ...], offset: str | None
) -> None:
    shown = prepared("video", skip_after_s=5, attr=(13, 16))
    rendered = render(shown, slot("video", **({"skip": skip} if skip is not None else {})), LINKS)
    assert rendered.attr == declared
    linear = xml(rendered.adm).find(".//Linear")
    assert linear is not None
    assert linear.get("skipoffset") == offset


def test_a_wrapped_tag_with_its_own_skip_control_declares_it() -> None:
    assert render(prepared("video", **TAG, skip_after_s=5), slot("video"), LINKS).attr == (16,)


def test_the_bid_learns_length_frameworks_and_version() -> None:
    rendered = render(prepared("video", api=(7,)), slot("video", api=[7], protocols=[13]), LINKS)
    assert (rendered.mtype, rendered.dur, tuple(rendered.apis), rendered.protocol) == (2, 15, (7,), 13)
    assert render(prepared("audio"), slot("audio"), LINKS).mtype == 3


def test_every_bid_has_a_serving_id_of_its_own() -> None:
    shown, asked = prepared("video"), slot("video", protocols=[15])
    other = Links(LINKS.win, LINKS.billing, LINKS.loss, LINKS.impression + "&other", LINKS.click)
    ids = [xml(render(shown, asked, links).adm).findtext(".//AdServingId") for links in (LINKS, LINKS, other)]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0]


def test_a_link_that_holds_the_end_of_a_cdata_section_stays_one_link() -> None:
    links = Links("", "", "", "https://t.example/i?x=]]>&p=${AUCTION_PRICE}", "https://t.example/c]]")
    root = xml(render(prepared("video"), slot("video"), links).adm)
    assert root.findtext(".//Impression") == links.impression
    assert root.findtext(".//ClickThrough") == links.click


@pytest.mark.parametrize(
    ("kind", "changes", "asked"),
    [
        ("video", {}, {"protocols": [1]}),
        ("video", {}, {"mimes": ["video/webm"]}),
        ("video", TAG, {"protocols": [3]}),
        ("video", {**TAG, "vast_protocol": 1}, {}),
    ],
)
def test_rendering_for_a_slot_that_does_not_fit_is_refused(
    kind: str, changes: dict[str, Any], asked: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"protocols|version|media files"):
        render(prepare(creative(kind, **changes), "c"), slot(kind, **asked), LINKS)
