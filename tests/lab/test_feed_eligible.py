"""Which requests could be bid on at all."""

from typing import Any

import pytest

from bidder.lab.feed import eligible, why_ineligible
from openrtb.imp import Audio, Banner, Deal, Format, Imp, Native, Pmp, Video
from openrtb.request import BidRequest

BANNER = Banner(w=300, h=250)
NO_SIZE = "the banner has no size"


def request(*imps: Imp, **changes: Any) -> BidRequest:
    return BidRequest(**{"id": "r", "imp": list(imps or [Imp(id="1", banner=BANNER)])} | changes)


def imp(**changes: Any) -> Imp:
    return Imp(**{"id": "1", "banner": None} | changes)


def private(*deals: Deal) -> Imp:
    return imp(banner=BANNER, pmp=Pmp(private_auction=1, deals=list(deals)))


@pytest.mark.parametrize(
    "offered",
    [
        imp(banner=BANNER),
        imp(banner=Banner(format=[Format(w=300, h=250)])),
        imp(banner=Banner(format=[Format(wratio=16, hratio=9, wmin=320)])),
        imp(video=Video(mimes=["video/mp4"], minduration=5, maxduration=30)),
        imp(video=Video(mimes=["video/mp4"], rqddurs=[15, 30])),
        imp(audio=Audio(mimes=["audio/mp4"])),
        imp(native=Native(request='{"assets":[{"id":1,"required":1,"title":{"len":25}}]}')),
        imp(banner=BANNER, bidfloor=25.0),
        private(Deal(id="d", bidfloor=30.0)),
        imp(banner=BANNER, bidfloor=1e6, pmp=Pmp(deals=[Deal(id="d", bidfloor=2.0)])),
        imp(banner=Banner(), video=Video(mimes=["video/mp4"])),
    ],
)
def test_an_imp_with_room_for_some_creative_is_eligible(offered: Imp) -> None:
    assert why_ineligible(request(offered)) is None
    assert eligible(request(offered))


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (imp(id="", banner=BANNER), "the imp has no id"),
        (imp(), "the imp has no banner, video, audio or native"),
        (imp(banner=Banner(w=300)), NO_SIZE),
        (imp(banner=Banner(format=[Format(w=300)])), NO_SIZE),
        (imp(banner=Banner(w=1, h=1, btype=[1, 2, 3, 4])), "the banner blocks every type of ad"),
        (imp(video=Video()), "the video has no mimes"),
        (imp(audio=Audio(mimes=[])), "the audio has no mimes"),
        (imp(video=Video(mimes=["video/mp4"], minduration=30, maxduration=15)), "no length fits the video"),
        (imp(video=Video(mimes=["video/mp4"], maxduration=0)), "no length fits the video"),
        (imp(audio=Audio(mimes=["audio/mp4"], minbitrate=9, maxbitrate=8)), "no bitrate fits the audio"),
        (imp(native=Native(request="{")), "the native request cannot be read"),
        (imp(native=Native(request="")), "the native request has no assets"),
        (imp(native=Native(request='{"assets":[{"id":1,"required":1}]}')), "a required native asset is of no kind"),
        (imp(banner=BANNER, bidfloor=1_249_995.0), "the floor is beyond reason"),
        (private(), "a private auction without deals"),
        (private(Deal(id="d", wseat=["other"])), "a private auction without a deal for us"),
        (private(Deal(id="d", wadomain=["other.example"])), "a private auction without a deal for us"),
        (private(Deal()), "a private auction without a deal for us"),
    ],
)
def test_an_imp_without_room_is_ineligible_with_the_reason(offered: Imp, reason: str) -> None:
    assert why_ineligible(request(offered)) == reason
    assert not eligible(request(offered))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "the request has no id"),
        ({"imp": []}, "the request has no imp"),
        ({"tmax": 2}, "tmax leaves no time to answer"),
        ({"wseat": ["other"]}, "wseat names other seats"),
        ({"acat": ["IAB1"], "bcat": ["IAB1", "IAB2"]}, "bcat blocks all that acat allows"),
    ],
)
def test_a_request_that_nobody_can_answer_is_ineligible(changes: dict[str, Any], reason: str) -> None:
    assert why_ineligible(request(**changes)) == reason


def test_one_imp_with_room_is_enough() -> None:
    assert eligible(request(imp(), imp(banner=BANNER)))


def test_a_seat_may_bid_where_it_is_named_and_may_not_where_it_is_blocked() -> None:
    assert eligible(request(wseat=["ours"]), seat="ours")
    assert eligible(request(private(Deal(id="d", wseat=["ours"]))), seat="ours")
    assert why_ineligible(request(bseat=["ours"]), seat="ours") == "bseat names the seat"
    assert eligible(request(bseat=["ours"]), seat="theirs")


def test_an_acat_that_leaves_one_category_free_is_no_obstacle() -> None:
    assert eligible(request(acat=["IAB1", "IAB2"], bcat=["IAB1"]))
