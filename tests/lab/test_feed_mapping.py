"""The recorded sets of 2012 and 2016 as OpenRTB 2.6."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import openrtb
from bidder.lab.feed import bid_requests_2012, bid_requests_2016
from bidder.lab.feed.recorded import recorded
from openrtb.imp import Format
from openrtb.request import BidRequest
from openrtb.validate import validate_request
from tests import shared

SET_2012 = "data/bid_requests_2012/auctions.first16000.jsonl.gz"
SET_2016 = "data/bid_requests_2016/adx.first800.jsonl.gz"


def auction(**changes: Any) -> BidRequest:
    """A line of 2012, mapped."""
    line: dict[str, Any] = {
        "!!CV": "0.1",
        "exchange": "dblclk_adx",
        "id": "a1",
        "provider": "AdGear",
        "spots": [{"formats": ["728x90"], "id": "1", "position": "NONE", "reservePrice": 0}],
        "timestamp": 1326240000.25,
    }
    return bid_requests_2012.bid_request(json.dumps(line | changes).encode())


def app_request(**changes: Any) -> BidRequest:
    """A line of 2016, mapped."""
    line: dict[str, Any] = {
        "id": "b1",
        "imp": [{"id": "1", "banner": {"w": 320, "h": 50}, "bidfloor": 2.0, "bcat": [13, 28, 70]}],
        "app": {"id": "7", "name": "Radio", "url": "https://play.google.com/store/apps/details?id=com.example.radio"},
        "device": {"os": "iphone", "osv": "10.1", "carrier": 0, "geo": {}, "ip": "192.0.2.0"},
        "is_test": False,
        "bcat": [],
        "ext": {"exchange": "adx"},
    }
    return bid_requests_2016.bid_request(json.dumps(line | changes).encode())


def mapped(name: str) -> Iterator[BidRequest]:
    for request in recorded(shared.path(name)):
        yield openrtb.decode_request(request.body)


def test_all_16000_requests_of_2012_map_to_valid_openrtb_banner_requests() -> None:
    requests = list(mapped(SET_2012))
    findings = Counter(str(found) for request in requests for found in validate_request(request))
    sys.stdout.write(f"{len(requests)} requests of 2012 mapped, findings: {dict(findings)}\n")
    assert len(requests) == 16_000
    assert not findings
    assert all(request.imp[0].banner is not None for request in requests)


def test_all_800_requests_of_2016_map_and_only_the_mimes_that_two_videos_never_had_are_missed() -> None:
    requests = list(mapped(SET_2016))
    findings = Counter((found.rule, found.path) for request in requests for found in validate_request(request))
    sys.stdout.write(f"{len(requests)} requests of 2016 mapped, findings: {dict(findings)}\n")
    assert len(requests) == 800
    assert findings == {("required-attribute", "$.imp[0].video.mimes"): 2}


@pytest.mark.parametrize("name", [SET_2012, SET_2016])
def test_a_mapped_request_is_read_back_as_it_was_written(name: str) -> None:
    for request in recorded(shared.path(name)):
        assert openrtb.encode_request(openrtb.decode_request(request.body)) == request.body


def test_the_2012_set_keeps_how_often_each_attribute_was_recorded() -> None:
    requests = list(mapped(SET_2012))
    counts = Counter(
        name
        for request in requests
        for name, there in {
            "page": request.site and request.site.page,
            "ua": request.device and request.device.ua,
            "ip": request.device and request.device.ip,
            "metro": request.device and request.device.geo and request.device.geo.metro,
            "user": request.user and request.user.id,
            "buyer": request.user and request.user.buyeruid,
        }.items()
        if there
    )
    assert counts == {"page": 15_471, "ua": 15_993, "ip": 15_980, "metro": 13_244, "user": 15_398, "buyer": 279}


def test_the_formats_of_a_spot_are_the_sizes_of_the_banner() -> None:
    request = auction(spots=[{"formats": ["300x250", "336x280"], "id": "7"}])
    assert request.imp[0].id == "7"
    assert request.imp[0].banner is not None
    assert request.imp[0].banner.format == [Format(w=300, h=250), Format(w=336, h=280)]


def test_a_reserve_price_of_unknown_unit_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="reservePrice"):
        auction(spots=[{"formats": ["300x250"], "id": "1", "reservePrice": 5}])


@pytest.mark.parametrize("size", ["300", "300x", "axb", "300x250x2"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="formats"):
        auction(spots=[{"formats": [size], "id": "1"}])


@pytest.mark.parametrize("location", [None, {}, {"countryCode": "A1"}])
def test_a_place_of_which_nothing_is_known_is_left_out(location: dict[str, str] | None) -> None:
    device = auction(location=location).device
    assert device is not None
    assert device.geo is None


def test_the_host_of_the_page_is_the_domain_of_the_site() -> None:
    site = auction(url="http://News.Example.com:8080/a?b#c d").site
    assert site is not None
    assert (site.page, site.domain) == ("http://News.Example.com:8080/a?b#c d", "news.example.com")


@pytest.mark.parametrize("page", ["file:///C:/page.html", "http://203.0.113.9/", "http://localhost/x"])
def test_a_page_without_a_domain_name_leaves_the_domain_out(page: str) -> None:
    site = auction(url=page).site
    assert site is not None
    assert (site.page, site.domain) == (page, None)


def test_verticals_are_data_about_the_page_with_their_weights() -> None:
    site = auction(segments={"adgear": None, "adxVerticals": [[12, 0.25], 35]}).site
    assert site is not None
    assert msgspec.to_builtins(site.content) == {
        "data": [{"name": "adxVerticals", "segment": [{"id": "12", "value": "0.25"}, {"id": "35"}]}]
    }


def test_a_request_without_page_and_verticals_has_no_site() -> None:
    assert auction().site is None


def test_segments_of_the_provider_are_data_about_the_user() -> None:
    user = auction(segments={"adgear": [125, 52]}, userIds={"xchg": "x", "adx": "x", "prov": "p", "ag": "p"}).user
    assert user is not None
    assert (user.id, user.buyeruid) == ("x", "p")
    assert msgspec.to_builtins(user.data) == [{"name": "adgear", "segment": [{"id": "125"}, {"id": "52"}]}]


def test_a_place_is_written_in_the_codes_of_openrtb() -> None:
    location = {"countryCode": "US", "regionCode": "WI", "cityName": "Milwaukee", "dma": 617, "postalCode": "414"}
    device = auction(location=location).device
    assert device is not None
    assert msgspec.to_builtins(device.geo) == {"country": "USA", "region": "WI", "metro": "617", "city": "Milwaukee"}


def test_a_region_outside_north_america_is_in_fips_10_4() -> None:
    device = auction(location={"countryCode": "GB", "regionCode": "H9"}).device
    assert device is not None
    assert msgspec.to_builtins(device.geo) == {"country": "GBR", "regionfips104": "UKH9"}


def test_an_anonymous_proxy_is_in_no_country() -> None:
    device = auction(location={"countryCode": "A1", "timezoneOffsetMinutes": -300}).device
    assert device is not None
    assert msgspec.to_builtins(device.geo) == {"utcoffset": -300}


@pytest.mark.parametrize(
    ("exchange", "recorded_minutes", "utcoffset"),
    [("dblclk_adx", -360, -360), ("context_web", 360, -360), ("context_web", -1110, None), ("dblclk_adx", 840, 840)],
)
def test_the_offset_from_utc_grows_eastwards_on_both_exchanges_and_is_one_of_this_world(
    exchange: str, recorded_minutes: int, utcoffset: int | None
) -> None:
    location = {"countryCode": "US", "timezoneOffsetMinutes": recorded_minutes}
    device = auction(exchange=exchange, location=location).device
    assert device is not None
    assert device.geo is not None
    assert device.geo.utcoffset == utcoffset


def test_blocked_click_urls_that_are_domains_are_blocked_advertisers() -> None:
    blocks = ["a.example", "b.example/page", "pre-roll", "203.0.113.9", "a.example", "www.c.example"]
    assert auction(restrictions={"clickUrl": blocks}).badv == ["a.example", "www.c.example"]


def test_blocked_categories_stay_in_the_taxonomy_of_the_exchange() -> None:
    request = auction(restrictions={"sensitiveCategoryAttribute": [5, 8], "vertical": [10137]})
    assert (request.bcat, request.cattax) == (["5", "8", "10137"], 500)


def test_without_blocked_categories_no_taxonomy_is_named() -> None:
    assert (auction().bcat, auction().cattax) == (None, 1)


def test_only_attributes_that_openrtb_has_are_blocked_and_only_in_the_code_of_adx() -> None:
    blocked = {"creativeAttribute": [1, 13, 22, 28]}
    banners = [auction(exchange=each, restrictions=blocked).imp[0].banner for each in ("dblclk_adx", "context_web")]
    assert [banner and banner.battr for banner in banners] == [[5, 12], None]


def test_a_store_url_names_the_bundle() -> None:
    android = app_request().app
    ios = app_request(app={"url": "https://itunes.apple.com/us/app/radio/id418987775?mt=8"}).app
    assert android is not None
    assert ios is not None
    assert (android.bundle, android.storeurl) == (
        "com.example.radio",
        "https://play.google.com/store/apps/details?id=com.example.radio",
    )
    assert ios.bundle == "418987775"


def test_the_url_of_a_page_is_that_of_the_content_in_the_app() -> None:
    app = app_request(app={"id": "7", "url": "http://www.example.com/story"}).app
    assert msgspec.to_builtins(app) == {"id": "7", "content": {"url": "http://www.example.com/story"}}


@pytest.mark.parametrize(
    ("recorded_os", "os"), [("iphone", "iOS"), ("ipad", "iOS"), ("android", "Android"), ("palm", "palm")]
)
def test_the_operating_system_has_its_name(recorded_os: str, os: str) -> None:
    device = app_request(device={"os": recorded_os}).device
    assert device is not None
    assert device.os == os


def test_a_carrier_is_named_by_its_number_and_zero_is_none() -> None:
    devices = [app_request(device={"carrier": carrier}).device for carrier in (70092, 0)]
    assert [device and device.carrier for device in devices] == ["70092", None]


def test_an_empty_place_and_an_address_that_is_none_are_left_out() -> None:
    assert msgspec.to_builtins(app_request(device={"geo": {}, "ip": "0", "ua": "x"}).device) == {"ua": "x"}


def test_the_excluded_attributes_of_a_slot_block_attributes_not_categories() -> None:
    request = app_request(bcat=[19, 13423, 19])
    assert request.imp[0].banner is not None
    assert request.imp[0].banner.battr == [5]
    assert (request.bcat, request.cattax) == (["19", "13423"], 500)


def test_lengths_of_videos_become_seconds_that_surely_fit() -> None:
    lengths = [(0, 15_000), (1_500, 15_999), (0, 0)]
    imps = [{"id": "1", "video": {"minduration": low, "maxduration": high}} for low, high in lengths]
    videos = [imp.video for imp in app_request(imp=imps).imp]
    assert [video and (video.minduration, video.maxduration) for video in videos] == [(0, 15), (2, 15), (0, None)]


def test_a_test_request_stays_one_and_the_extension_is_passed_on() -> None:
    request = app_request(is_test=True)
    assert (request.test, bytes(request.ext)) == (1, b'{"exchange": "adx"}')
