"""One fault a response: each is found, alone, under its rule and at its place."""

from typing import Any

import msgspec
import pytest

from openrtb.imp import Banner, Deal, DurFloors, Pmp
from openrtb.request import BidRequest
from openrtb.response import BidResponse, SeatBid
from openrtb.validate import validate_response
from tests.openrtb.builders import (
    DEAL,
    audio_bid,
    audio_imp,
    banner_imp,
    bid,
    deal_imp,
    imp,
    native_bid,
    native_imp,
    request,
    response,
    video_bid,
    video_imp,
)
from tests.openrtb.faults import MULTI, PODDED, Fault, wrong_bid


def deal_request(**changes: Any) -> BidRequest:
    return request(deal_imp(**changes))


WHOLE_RESPONSE = [
    Fault("it answers another request", response(id="auction-2"), request(), "resp-id", "$.id"),
    Fault("it has no id", response(id=""), request(), "required-attribute", "$.id"),
    Fault(
        "its currency was not offered",
        response(cur="EUR"),
        request(imp(bidfloor=0.0, banner=Banner(w=300, h=250))),
        "req-cur-list",
        "$.cur",
    ),
    Fault(
        "its currency is in lower case",
        response(cur="usd"),
        request(banner_imp(bidfloor=0.0), cur=None),
        "currency-code",
        "$.cur",
    ),
    Fault(
        "a seat has no bids", response(seatbid=[SeatBid(seat="a")]), request(), "seatbid-min-one", "$.seatbid[0].bid"
    ),
    Fault("it bids and says why not", response(nbr=8), request(), "nbr-with-bids", "$.nbr"),
    Fault("its reason is unknown", BidResponse(id="auction-1", nbr=77), request(), "enum-unknown", "$.nbr"),
    Fault(
        "two bids share an id",
        response(bid(), bid(crid="creative-2")),
        request(),
        "bid-id-unique",
        "$.seatbid[0].bid[1].id",
    ),
    Fault(
        "a group bids twice for an imp",
        response(seatbid=[SeatBid(bid=[bid(), bid(id="bid-2")], seat="seat-1", group=1)]),
        request(),
        "seatbid-group",
        "$.seatbid[0].group",
    ),
    Fault("the seat is not allowed", response(), request(wseat=["seat-2"]), "req-wseat-enforce", "$.seatbid[0].seat"),
    Fault(
        "no seat is named where few are allowed",
        response(seat=None),
        request(wseat=["seat-2"]),
        "req-wseat-enforce",
        "$.seatbid[0].seat",
    ),
    Fault("the seat is blocked", response(), request(bseat=["seat-1"]), "req-wseat-enforce", "$.seatbid[0].seat"),
    Fault("a guaranteed deal is passed over", response(), deal_request(guar=1), "deal-guaranteed", "$.seatbid"),
    Fault(
        "a guaranteed deal is answered with no bid", BidResponse(), deal_request(guar=1), "deal-guaranteed", "$.seatbid"
    ),
    Fault(
        "too many ads for the pod",
        response(*(video_bid(id=str(n), dur=5) for n in range(3))),
        request(video_imp(**PODDED)),
        "pod-dynamic-fit",
        "$.seatbid",
    ),
    Fault(
        "too long for the pod",
        response(video_bid(dur=20), video_bid(id="bid-2", dur=20)),
        request(video_imp(**PODDED)),
        "pod-dynamic-fit",
        "$.seatbid",
    ),
]

BIDS = [
    wrong_bid("a bid has no id", bid(id=""), "bid-required", ".id"),
    wrong_bid("a bid has no impid", bid(impid=""), "bid-required", ".impid"),
    wrong_bid("a bid has no price", bid(price=None), "bid-required", ".price"),
    wrong_bid("the imp is unknown", bid(impid="7"), "bid-impid", ".impid"),
    wrong_bid("the creative has no id", bid(crid=None), "bid-crid", ".crid"),
    wrong_bid("the media type is not said", bid(mtype=None), "bid-mtype", ".mtype"),
    wrong_bid("it is not said which of two media types it is", bid(mtype=None), "imp-multi-format", ".mtype", MULTI),
    wrong_bid("the media type was not offered", bid(mtype=4), "imp-multi-format", ".mtype", MULTI),
    wrong_bid(
        "the deprecated api is used",
        bid(api=5),
        "bid-apis-over-api",
        ".api",
        request(imp(banner=Banner(w=300, h=250, api=[5]))),
    ),
    wrong_bid("the language is sent twice", bid(language="de", langb="de-AT"), "language-xor", ".langb"),
    wrong_bid("it lives for a negative time", bid(exp=-1), "attribute-range", ".exp"),
    # price
    wrong_bid("the price is zero", bid(price=0.0), "bid-price-cpm", ".price"),
    wrong_bid("the price is negative", bid(price=-1.0), "bid-price-cpm", ".price"),
    wrong_bid("the price is no number", bid(price=float("nan")), "bid-price-cpm", ".price"),
    wrong_bid("the price is below the floor", bid(price=0.999999), "imp-floor", ".price"),
    wrong_bid(
        "the floor is in a currency without a rate",
        bid(),
        "currency-rate-unknown",
        ".price",
        request(banner_imp(bidfloorcur="EUR")),
    ),
    wrong_bid(
        "the price is below the floor per second",
        video_bid(price=1.49, dur=15),
        "imp-floor",
        ".price",
        request(video_imp(mincpmpersec=0.1)),
    ),
    wrong_bid(
        "the price is below the floor for its length",
        video_bid(price=2.5, dur=15),
        "imp-floor",
        ".price",
        request(video_imp(durfloors=[DurFloors(maxdur=10, bidfloor=1.0), DurFloors(mindur=11, bidfloor=4.0)])),
    ),
    wrong_bid(
        "a length in no range falls back to the imp's floor",
        video_bid(price=0.5, dur=20),
        "imp-floor",
        ".price",
        request(video_imp(durfloors=[DurFloors(maxdur=10, bidfloor=0.1)])),
    ),
    wrong_bid(
        "the price is below the floor of the deal", bid(dealid=DEAL, price=2.99), "deal-floor", ".price", deal_request()
    ),
    wrong_bid(
        "the floor of the deal is in its own currency",
        bid(dealid=DEAL),
        "currency-rate-unknown",
        ".price",
        deal_request(bidfloorcur="EUR"),
    ),
    wrong_bid(
        "the price is above the fixed one",
        bid(dealid=DEAL, price=3.5),
        "deal-fixed-price",
        ".price",
        deal_request(at=3),
    ),
    # deals
    wrong_bid("the deal was not offered", bid(dealid="deal-2"), "deal-id-echo", ".dealid", deal_request()),
    wrong_bid(
        "a private auction gets an open bid",
        bid(),
        "pmp-private",
        ".dealid",
        request(banner_imp(pmp=Pmp(private_auction=1, deals=[Deal(id=DEAL)]))),
    ),
    wrong_bid(
        "the deal is for another seat",
        bid(dealid=DEAL, price=3.0),
        "deal-wseat",
        ".dealid",
        deal_request(wseat=["seat-2"]),
    ),
    wrong_bid(
        "the deal is for another advertiser",
        bid(dealid=DEAL, price=3.0),
        "deal-wadomain",
        ".adomain",
        deal_request(wadomain=["brand.test"]),
    ),
    # blocks
    wrong_bid("the advertiser is not named", bid(adomain=None), "bid-adomain", ".adomain"),
    wrong_bid("the advertiser is a URL", bid(adomain=["https://shop.test/"]), "adomain-form", ".adomain[0]"),
    wrong_bid("the advertiser is blocked", bid(), "req-badv", ".adomain[0]", request(badv=["shop.test"])),
    wrong_bid(
        "a subdomain of a blocked advertiser bids",
        bid(adomain=["a.b.shop.test"]),
        "req-badv",
        ".adomain[0]",
        request(badv=["Shop.Test"]),
    ),
    wrong_bid("the app is blocked", bid(bundle="com.shop"), "req-bapp", ".bundle", request(bapp=["com.shop"])),
    wrong_bid(
        "the category is blocked",
        bid(cat=["IAB1", "IAB26"]),
        "req-category-taxonomy",
        ".cat[1]",
        request(bcat=["IAB26"]),
    ),
    wrong_bid(
        "the category belongs to a blocked one",
        bid(cat=["IAB7-39"]),
        "req-category-taxonomy",
        ".cat[0]",
        request(bcat=["IAB7"]),
    ),
    wrong_bid(
        "the category is not allowed",
        bid(cat=["483"], cattax=7),
        "req-category-taxonomy",
        ".cat[0]",
        request(acat=["1"], cattax=7),
    ),
    wrong_bid(
        "no category is named where few are allowed", bid(), "req-category-taxonomy", ".cat", request(acat=["IAB1"])
    ),
    wrong_bid(
        "categories are in another taxonomy",
        bid(cat=["483"], cattax=7),
        "category-not-comparable",
        ".cattax",
        request(bcat=["IAB26"]),
    ),
    wrong_bid(
        "the language is not allowed", bid(language="fr"), "bid-language", ".language", request(wlang=["de", "en"])
    ),
    wrong_bid(
        "the region of the language is not allowed",
        bid(langb="en-US"),
        "bid-language",
        ".langb",
        request(wlangb=["en-GB", "de"]),
    ),
]

FAULTS = WHOLE_RESPONSE + BIDS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_the_only_finding_where(fault: Fault) -> None:
    found = validate_response(fault.response, fault.request)
    assert [(one.rule, one.path) for one in found] == [(fault.rule, fault.path)]


@pytest.mark.parametrize(
    ("valid", "asked"),
    [
        pytest.param(response(), request(), id="a banner"),
        pytest.param(response(video_bid()), request(video_imp()), id="a video"),
        pytest.param(response(audio_bid()), request(audio_imp()), id="an audio ad"),
        pytest.param(response(native_bid()), request(native_imp()), id="a native ad"),
        pytest.param(response(bid(dealid=DEAL, price=3.0)), deal_request(at=3), id="a deal at its fixed price"),
        pytest.param(response(bid(dealid=DEAL, price=0.0)), deal_request(bidfloor=0.0), id="a deal at no price"),
        pytest.param(response(bid(price=1.5)), deal_request(), id="an open bid beside a deal"),
        pytest.param(BidResponse(), request(), id="an empty no-bid"),
        pytest.param(BidResponse(id="auction-1", nbr=2), request(), id="a no-bid with a reason"),
        pytest.param(BidResponse(id="auction-1", seatbid=[]), request(), id="a no-bid without seats"),
        pytest.param(response(video_bid(mtype=2)), MULTI, id="the video of an imp that takes banners too"),
        pytest.param(
            response(video_bid(dur=15), video_bid(id="2", dur=15)), request(video_imp(**PODDED)), id="a full pod"
        ),
        pytest.param(response(bid(bundle="com.shop")), request(bapp=["com.other"]), id="an app that is not blocked"),
        pytest.param(response(bid(adomain=["workshop.test"])), request(badv=["shop.test"]), id="a longer domain"),
        pytest.param(response(bid(langb="de-AT")), request(wlangb=["en", "DE"]), id="a region of an allowed language"),
        pytest.param(response(bid(language="en")), request(wlangb=["en-GB"]), id="a language that names no region"),
        pytest.param(response(bid(cat=["IAB1"])), request(bcat=["IAB1-2"]), id="a category above a blocked one"),
    ],
)
def test_nothing_is_found_in(valid: BidResponse, asked: BidRequest) -> None:
    assert validate_response(valid, asked) == []


RATES = {"USD": 1_000_000, "EUR": 1_085_000}


@pytest.mark.parametrize(("price", "rules"), [(1.085, []), (1.084999, ["imp-floor"])])
def test_a_floor_in_another_currency_is_converted_exactly(price: float, rules: list[str]) -> None:
    asked = request(banner_imp(bidfloorcur="EUR"))
    assert [found.rule for found in validate_response(response(bid(price=price)), asked, rates=RATES)] == rules


def test_a_currency_missing_from_the_rates_is_said_and_not_guessed() -> None:
    (found,) = validate_response(response(), request(banner_imp(bidfloorcur="CHF")), rates=RATES)
    assert (found.rule, found.severity) == ("currency-rate-unknown", "info")
    assert found.message == "2.5 USD and the floor of the imp, 1 CHF: no exchange rate was given, not compared"


def test_where_floors_by_length_overlap_the_lowest_holds() -> None:
    overlapping = [DurFloors(mindur=1, maxdur=20, bidfloor=4.0), DurFloors(mindur=10, bidfloor=2.0)]
    assert validate_response(response(video_bid()), request(video_imp(durfloors=overlapping))) == []


@pytest.mark.parametrize(("spare_bytes", "rules"), [(0, []), (-1, ["response-size"])])
def test_the_encoded_response_may_be_as_large_as_the_receiver_takes(spare_bytes: int, rules: list[str]) -> None:
    answer = response()
    limit = len(msgspec.json.encode(answer)) + spare_bytes
    assert [found.rule for found in validate_response(answer, request(), max_bytes=limit)] == rules


def test_a_guaranteed_deal_for_other_seats_need_not_be_bid_on() -> None:
    assert validate_response(response(), deal_request(guar=1, wseat=["seat-2"])) == []


def test_every_bid_of_every_seat_is_judged() -> None:
    seats = [SeatBid(bid=[bid(id=seat, impid="7")], seat=seat) for seat in ("a", "b")]
    found = validate_response(response(seatbid=seats), request())
    assert [one.path for one in found] == ["$.seatbid[0].bid[0].impid", "$.seatbid[1].bid[0].impid"]


def test_a_bid_on_an_unknown_imp_is_still_held_to_the_rules_of_the_request() -> None:
    found = validate_response(response(bid(impid="7")), request(badv=["shop.test"]))
    assert {one.rule for one in found} == {"bid-impid", "req-badv"}


def test_messages_name_what_was_found_and_what_would_be_right() -> None:
    (found,) = validate_response(response(bid(w=728, h=90)), request())
    assert str(found) == (
        "warning: $.seatbid[0].bid[0].w: 728x90 was not offered; offered: 300x250, 320x50 [banner-size-match]"
    )
