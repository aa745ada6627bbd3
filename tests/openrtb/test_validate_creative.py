"""One fault a creative, in what the bid says of it or in its markup: each is found, alone, at its place."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from openrtb.imp import Banner, Format, Imp, Native, Video
from openrtb.native import (
    AssetResponse,
    DataResponse,
    EventTrackerResponse,
    ImageResponse,
    LinkResponse,
    NativeResponse,
    TitleResponse,
    VideoResponse,
)
from openrtb.request import BidRequest, Regs
from openrtb.response import BidResponse
from openrtb.validate import validate_response
from tests.openrtb.builders import (
    HTML,
    audio_bid,
    audio_imp,
    banner_imp,
    bid,
    ext,
    imp,
    native_ad,
    native_assets,
    native_bid,
    native_imp,
    request,
    response,
    vast,
    video_bid,
    video_imp,
)
from tests.openrtb.faults import BID, MULTI, Fault, wrong_bid


def native_fault(name: str, ad: NativeResponse | str, rule: str, where: str) -> Fault:
    """A fault in native markup; `where` is below `adm`."""
    return Fault(name, response(native_bid(ad)), request(native_imp()), rule, f"{BID}.adm{where}")


def video_fault(name: str, markup: str, rule: str, asked: Imp | None = None, **changes: Any) -> Fault:
    """A fault in a VAST document."""
    return Fault(name, response(video_bid(markup, **changes)), request(asked or video_imp()), rule, f"{BID}.adm")


def answers(*changed: AssetResponse) -> NativeResponse:
    """A native ad in which the given assets replace those with the same id."""
    assets = {asset.id: asset for asset in (*native_assets(), *changed)}
    return native_ad(*assets.values())


def dsa(**wanted: int) -> BidRequest:
    return request(regs=Regs(ext=ext(dsa=wanted)))


FLEX = request(imp(banner=Banner(format=[Format(wratio=6, hratio=5, wmin=300)])))

CREATIVES = [
    wrong_bid(
        "an attribute is blocked",
        bid(attr=[1, 8]),
        "battr-filter",
        ".attr[1]",
        request(imp(banner=Banner(w=300, h=250, battr=[8]))),
    ),
    wrong_bid("an API is not there", bid(apis=[5]), "api-list", ".apis"),
    wrong_bid("the size was not offered", bid(w=728, h=90), "banner-size-match", ".w"),
    wrong_bid("it is not said which of two sizes it has", bid(w=None, h=None), "banner-size-match", ".w"),
    wrong_bid("a ratio is asked for and not given", bid(), "format-flex-response", ".wratio", FLEX),
    wrong_bid("half a ratio is given", bid(wratio=6), "format-flex-response", ".hratio", FLEX),
    wrong_bid("the ratio was not offered", bid(wratio=16, hratio=9), "banner-size-match", ".wratio", FLEX),
    wrong_bid("the video is too long", video_bid(dur=31), "video-duration-fit", ".dur", request(video_imp())),
    wrong_bid(
        "the video is too long even extended",
        video_bid(dur=36),
        "video-duration-fit",
        ".dur",
        request(video_imp(maxextended=5)),
    ),
    wrong_bid(
        "the video is of none of the exact lengths",
        video_bid(dur=20),
        "video-duration-fit",
        ".dur",
        request(video_imp(rqddurs=[15, 30], minduration=0, maxduration=None)),
    ),
    wrong_bid(
        "the protocol is not taken",
        bid(adm=None, nurl="https://win.test", mtype=2, protocol=7),
        "video-protocols",
        ".protocol",
        request(video_imp()),
    ),
    wrong_bid(
        "a pod bid does not say its length",
        video_bid(dur=None),
        "pod-dur-response",
        ".dur",
        request(video_imp(podid="pod-1")),
    ),
    wrong_bid(
        "a slot is named outside a dynamic pod",
        video_bid(slotinpod=1),
        "pod-slotinpod-response",
        ".slotinpod",
        request(video_imp()),
    ),
    wrong_bid(
        "a second skip button is brought",
        video_bid(attr=[16]),
        "video-skip-player",
        ".attr[0]",
        request(video_imp(skip=1)),
    ),
]

TRANSPARENCY = [
    wrong_bid("transparency is demanded and not given", bid(), "dsa-required", ".ext.dsa", dsa(dsarequired=2)),
    wrong_bid(
        "the payer's name is too long",
        bid(ext=ext(dsa={"paid": "x" * 101})),
        "dsa-content",
        ".ext.dsa.paid",
        dsa(dsarequired=3),
    ),
    wrong_bid(
        "nobody renders the transparency",
        bid(ext=ext(dsa={"adrender": 0})),
        "dsa-content",
        ".ext.dsa.adrender",
        dsa(dsarequired=2, pubrender=0),
    ),
    wrong_bid(
        "both render the transparency",
        bid(ext=ext(dsa={"adrender": 1})),
        "dsa-content",
        ".ext.dsa.adrender",
        dsa(dsarequired=2, pubrender=2),
    ),
    wrong_bid("the ext is not JSON", bid(ext=Raw(b'{"dsa":')), "ext-unreadable", ".ext"),
]

BANNERS = [
    wrong_bid("there is nothing to show", bid(adm=None), "markup-missing", ".adm"),
    wrong_bid("the banner is VAST", bid(adm=vast()), "markup-kind", ".adm"),
    wrong_bid("the banner is native", bid(adm='{"assets": []}'), "markup-kind", ".adm"),
    wrong_bid("the banner has no tag", bid(adm="Everything must go"), "banner-markup", ".adm"),
    wrong_bid("the banner needs MRAID", bid(adm='<script src="mraid.js"></script>'), "api-list", ".adm"),
    wrong_bid(
        "an image is loaded over plain HTTP", bid(adm='<img width=1 src="http://cdn.test/a.png">'), "imp-secure", ".adm"
    ),
    wrong_bid(
        "a style loads over plain HTTP",
        bid(adm="<div style='background: url(http://cdn.test/a.png)'>"),
        "imp-secure",
        ".adm",
    ),
    wrong_bid(
        "a script loads over plain HTTP",
        bid(adm="<script>i.src = 'http://cdn.test/a.png'</script>"),
        "imp-secure",
        ".adm",
    ),
    wrong_bid(
        "a macro in the notice is misspelt", bid(burl="https://win.test/?p=${AUCTION_PRISE}"), "macro-spelling", ".burl"
    ),
    wrong_bid(
        "a macro in the markup is percent-encoded",
        bid(adm=f"{HTML}<!-- %24%7BAUCTION_PRICE%7D -->"),
        "macro-spelling",
        ".adm",
    ),
]

BOMB = '<!DOCTYPE VAST [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><VAST version="3.0"><Ad>&b;</Ad></VAST>'

VIDEOS = [
    video_fault("it is not XML", "<VAST><Ad></VAST>", "vast-xml"),
    video_fault("it is HTML", HTML, "vast-xml"),
    video_fault("it is a URL", "https://ads.test/vast.xml", "vast-xml"),
    video_fault("it declares entities", BOMB, "vast-xml"),
    video_fault("it holds no ad", '<VAST version="3.0"></VAST>', "vast-no-ad"),
    video_fault("its version is not taken", vast(version="4.0"), "video-protocols"),
    video_fault("its files are of another type", vast(media_type="video/webm"), "mimes-list"),
    video_fault("it needs VPAID", vast(api="VPAID"), "api-list"),
    video_fault("it is too long", vast(duration="00:00:45.000"), "video-duration-fit", dur=None),
    video_fault("it is not linear", vast(creative="NonLinear"), "video-linearity", video_imp(linearity=1)),
    video_fault("it is linear", vast(), "video-linearity", video_imp(linearity=2)),
    video_fault("its tracker is plain HTTP", vast(tracker="http://track.test/i"), "imp-secure"),
    Fault(
        "its version is not the one said",
        response(video_bid(protocol=6)),
        request(video_imp()),
        "vast-protocol",
        f"{BID}.protocol",
    ),
]

NATIVES = [
    native_fault("it is HTML", HTML, "native-markup", ""),
    native_fault("it is an array", "[]", "native-markup", ""),
    native_fault("it leads nowhere", native_ad(link=None), "native-link-required", ".link"),
    native_fault("its link is empty", native_ad(link=LinkResponse()), "required-attribute", ".link.url"),
    native_fault("it has no assets", native_ad(assets=None), "required-attribute", ".assets"),
    native_fault("a required asset is missing", native_ad(*native_assets()[1:]), "native-assets-match", ".assets"),
    native_fault(
        "an asset was not asked for",
        native_ad(*native_assets(), AssetResponse(id=9, title=TitleResponse(text="x"))),
        "native-assets-match",
        ".assets[3].id",
    ),
    native_fault(
        "an asset has no id",
        native_ad(*native_assets(), AssetResponse(title=TitleResponse(text="x"))),
        "required-attribute",
        ".assets[3].id",
    ),
    native_fault(
        "an asset is answered twice",
        native_ad(*native_assets(), native_assets()[0]),
        "native-asset-id-unique",
        ".assets[3].id",
    ),
    native_fault(
        "an asset is of the wrong kind",
        answers(AssetResponse(id=1, data=DataResponse(type=1, value="x"))),
        "native-assets-match",
        ".assets[0]",
    ),
    native_fault(
        "an asset is of two kinds",
        answers(AssetResponse(id=3, data=DataResponse(value="x"), title=TitleResponse(text="x"))),
        "native-asset-one-kind",
        ".assets[2]",
    ),
    native_fault(
        "a text is of another type",
        answers(AssetResponse(id=3, data=DataResponse(type=2, value="x"))),
        "native-assets-match",
        ".assets[2].data.type",
    ),
    native_fault(
        "a title is too long",
        answers(AssetResponse(id=1, title=TitleResponse(text="x" * 26))),
        "native-text-limits",
        ".assets[0].title.text",
    ),
    native_fault(
        "a text is too long",
        answers(AssetResponse(id=3, data=DataResponse(value="x" * 21))),
        "native-text-limits",
        ".assets[2].data.value",
    ),
    native_fault(
        "an image is too small",
        answers(AssetResponse(id=2, img=ImageResponse(url="https://cdn.test/a.png", w=299, h=200))),
        "native-image-size",
        ".assets[1].img.w",
    ),
    native_fault(
        "an image is loaded over plain HTTP",
        answers(AssetResponse(id=2, img=ImageResponse(url="http://cdn.test/a.png"))),
        "imp-secure",
        ".assets[1].img.url",
    ),
    native_fault(
        "a tracker is not offered",
        native_ad(eventtrackers=[EventTrackerResponse(event=2, method=1, url="https://track.test")]),
        "native-trackers",
        ".eventtrackers[0]",
    ),
    native_fault(
        "a tracker has no URL",
        native_ad(eventtrackers=[EventTrackerResponse(event=1, method=1)]),
        "required-attribute",
        ".eventtrackers[0].url",
    ),
    native_fault(
        "a pixel is plain HTTP",
        native_ad(imptrackers=["https://a.test", "http://b.test"]),
        "imp-secure",
        ".imptrackers[1]",
    ),
    native_fault(
        "a script is plain HTTP",
        native_ad(jstracker='<script src="http://b.test/t.js"></script>'),
        "imp-secure",
        ".jstracker",
    ),
    native_fault(
        "a number is not text",
        msgspec.json.encode(native_ad()).decode().replace('"Shop"', "4.5"),
        "native-data-strings",
        ".assets[2].data.value",
    ),
]

FAULTS = CREATIVES + TRANSPARENCY + BANNERS + VIDEOS + NATIVES


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_the_only_finding_where(fault: Fault) -> None:
    found = validate_response(fault.response, fault.request)
    assert [(one.rule, one.path) for one in found] == [(fault.rule, fault.path)]


WITH_VIDEO = Native(
    request='{"assets":[{"id":1,"video":{"mimes":["video/mp4"],"minduration":5,"maxduration":15,"protocols":[3]}}]}'
)


def test_video_inside_native_is_read_as_vast() -> None:
    ad = native_ad(AssetResponse(id=1, video=VideoResponse(vasttag="<VAST>")), eventtrackers=None)
    (found,) = validate_response(response(native_bid(ad)), request(imp(native=WITH_VIDEO)))
    assert (found.rule, found.path) == ("vast-xml", f"{BID}.adm.assets[0].video.vasttag")


@pytest.mark.parametrize(
    ("valid", "asked"),
    [
        pytest.param(response(video_bid(dur=35)), request(video_imp(maxextended=5)), id="an extended video"),
        pytest.param(response(video_bid(dur=99)), request(video_imp(maxextended=-1)), id="a video extended at will"),
        pytest.param(response(bid(wratio=6, hratio=5, w=None, h=None)), FLEX, id="a ratio"),
        pytest.param(
            response(bid(adm='<img src="http://cdn.test/a.png">')), request(banner_imp(secure=None)), id="plain HTTP"
        ),
        pytest.param(
            response(bid(adm=None, nurl="https://win.test/markup?p=${AUCTION_PRICE:B64}")),
            request(),
            id="markup on win",
        ),
        pytest.param(
            response(bid(adm=f"{HTML}<a href='https://a.test/?src=http://b.test'>")), request(), id="a parameter"
        ),
        pytest.param(response(bid(ext=ext(dsa={"adrender": 1}))), dsa(dsarequired=3, pubrender=1), id="transparency"),
    ],
)
def test_nothing_is_found_in(valid: BidResponse, asked: BidRequest) -> None:
    assert validate_response(valid, asked) == []


def test_the_offer_is_found_by_the_shape_of_the_markup_where_the_type_is_not_said() -> None:
    wrong = video_bid(vast(tracker="http://track.test/i"), mtype=None)
    assert {one.rule for one in validate_response(response(wrong), MULTI)} == {"imp-multi-format", "imp-secure"}


def test_vast_is_judged_as_audio_where_no_video_is_offered() -> None:
    asked = request(banner_imp(audio=audio_imp().audio))
    wrong = audio_bid(vast(media_type="video/mp4"), mtype=None)
    assert {one.rule for one in validate_response(response(wrong), asked)} == {"imp-multi-format", "mimes-list"}


def test_a_video_without_limits_takes_any_length() -> None:
    asked = request(imp(video=Video(mimes=["video/mp4"])))
    assert validate_response(response(video_bid(dur=3_600)), asked) == []
