"""The stream of requests: reproducible, valid and varied."""

from collections import Counter
from itertools import islice

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.lab.exchange.traffic import opportunities, requests
from openrtb import decode_request
from openrtb.request import BidRequest
from openrtb.validate import validate_request


@pytest.fixture(scope="module")
def sample() -> list[BidRequest]:
    return [decode_request(body) for body in islice(requests(7), 4000)]


@given(seed=st.integers(0, 2**63 - 1))
@settings(max_examples=15, deadline=None)
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    assert list(islice(requests(seed), 20)) == list(islice(requests(seed), 20))


def test_another_seed_gives_other_requests() -> None:
    first = {body.partition(b'"imp"')[2] for body in islice(requests(1), 200)}
    other = {body.partition(b'"imp"')[2] for body in islice(requests(2), 200)}
    assert first.isdisjoint(other)


def test_a_run_changes_the_ids_and_nothing_else() -> None:
    plain, named = (list(islice(requests(7, run=run), 50)) for run in ("", "monday-"))
    without_id = [[msgspec.json.decode(body) | {"id": ""} for body in bodies] for bodies in (plain, named)]
    assert without_id[0] == without_id[1]
    assert {decode_request(body).id for body in plain}.isdisjoint(decode_request(body).id for body in named)


def test_no_two_requests_share_an_id(sample: list[BidRequest]) -> None:
    assert len({request.id for request in sample}) == len(sample)


def test_every_request_is_valid(sample: list[BidRequest]) -> None:
    broken = [found for request in sample for found in validate_request(request) if found.severity == "error"]
    assert broken == []


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_every_request_of_any_seed_is_valid(seed: int) -> None:
    for body in islice(requests(seed), 40):
        assert [found for found in validate_request(decode_request(body)) if found.severity == "error"] == []


@pytest.mark.parametrize(("at", "name"), [(1, "first price"), (2, "second price")])
def test_the_auction_type_can_be_chosen_for_all(at: int, name: str) -> None:
    assert {decode_request(body).at for body in islice(requests(7, at=at), 100)} == {at}, name


def test_both_auction_types_occur(sample: list[BidRequest]) -> None:
    assert {request.at for request in sample} == {1, 2}


@pytest.mark.parametrize("media", ["banner", "video", "audio", "native"])
def test_all_media_types_occur(sample: list[BidRequest], media: str) -> None:
    assert sum(getattr(imp, media) is not None for request in sample for imp in request.imp) > 50


def test_some_imps_offer_two_media_types(sample: list[BidRequest]) -> None:
    both = [imp for request in sample for imp in request.imp if imp.banner is not None and imp.native is not None]
    assert both


def test_the_old_form_offers_one_media_type_only() -> None:
    old = [decode_request(each.body) for each in islice(opportunities(7), 2000) if each.version == "2.5"]
    media = ("banner", "video", "audio", "native")
    assert {sum(getattr(imp, name) is not None for name in media) for request in old for imp in request.imp} == {1}


def test_sites_and_apps_occur_and_never_together(sample: list[BidRequest]) -> None:
    channels = Counter((request.site is not None, request.app is not None) for request in sample)
    assert set(channels) == {(True, False), (False, True)}


def test_people_live_in_many_places_and_speak_their_languages(sample: list[BidRequest]) -> None:
    devices = [request.device for request in sample if request.device is not None]
    places = [device.geo for device in devices if device.geo is not None]
    assert len({place.country for place in places}) >= 10
    assert len({place.city for place in places}) >= 15
    assert len({device.language for device in devices}) >= 8


def test_devices_differ_in_type_system_and_version(sample: list[BidRequest]) -> None:
    devices = [request.device for request in sample if request.device is not None]
    assert {device.devicetype for device in devices} >= {2, 3, 4, 5, 6, 7}
    assert len({(device.os, device.osv) for device in devices}) >= 15


def test_both_forms_of_privacy_signals_are_sent() -> None:
    bodies = list(islice(requests(7), 2000))
    old = [body for body in bodies if b'"regs":{"coppa":0,"ext":{"gdpr":1}}' in body]
    new = [body for body in bodies if b'"regs":{"coppa":0,"gdpr":1}' in body]
    assert old
    assert new


def test_the_old_form_has_nothing_of_the_new_one() -> None:
    old = [each for each in islice(opportunities(7), 2000) if each.version == "2.5"]
    assert old
    for opportunity in old:
        document = msgspec.json.decode(opportunity.body)
        assert "consent" not in document["user"]
        assert "eids" not in document["user"]
        assert "schain" not in document["source"]
        assert all("plcmt" not in imp.get("video", {}) for imp in document["imp"])


def test_consent_situations_vary(sample: list[BidRequest]) -> None:
    regs = [request.regs for request in sample if request.regs is not None]
    assert {rule.gdpr for rule in regs} == {0, 1, None}
    assert {rule.us_privacy for rule in regs} == {"1YNN", "1YYN", None}
    assert {tuple(rule.gpp_sid or ()) for rule in regs} == {(), (2,), (7,)}
    assert {rule.coppa for rule in regs} == {0, 1}
    assert {request.device.lmt for request in sample if request.device is not None} == {0, 1}


def test_who_may_not_be_named_is_not_named(sample: list[BidRequest]) -> None:
    for request in sample:
        device, user, regs = request.device, request.user, request.regs
        assert device is not None
        assert user is not None
        assert regs is not None
        if device.lmt == 1 or regs.coppa == 1:
            assert (user.id, user.buyeruid, user.eids, device.ifa) == (None, None, None, None)


def test_some_people_come_back(sample: list[BidRequest]) -> None:
    visits = Counter(request.user.id for request in sample if request.user is not None and request.user.id)
    assert visits.most_common(1)[0][1] >= 5
    assert sum(1 for times in visits.values() if times == 1) > 500


def test_a_person_is_described_the_same_each_time(sample: list[BidRequest]) -> None:
    uas: dict[str, set[str | None]] = {}
    for request in sample:
        if request.user is not None and request.user.id and request.device is not None:
            uas.setdefault(request.user.id, set()).add(request.device.ua)
    assert {len(seen) for seen in uas.values()} == {1}


def test_rare_things_occur_now_and_then(sample: list[BidRequest]) -> None:
    rare = {
        "test": [request for request in sample if request.test == 1],
        "wseat": [request for request in sample if request.wseat],
        "bseat": [request for request in sample if request.bseat],
        "acat": [request for request in sample if request.acat],
        "bapp": [request for request in sample if request.bapp],
        "wlang": [request for request in sample if request.wlang],
    }
    assert {name for name, found in rare.items() if 0 < len(found) < len(sample) / 5} == set(rare)


def test_floors_deals_and_private_auctions_occur(sample: list[BidRequest]) -> None:
    imps = [imp for request in sample for imp in request.imp]
    markets = [imp.pmp for imp in imps if imp.pmp is not None]
    assert {imp.bidfloor > 0 for imp in imps} == {True, False}
    assert {market.private_auction for market in markets} == {0, 1}
    assert {deal.at for market in markets for deal in market.deals or ()} == {1, 3}


def test_pods_have_a_slot_for_each_imp(sample: list[BidRequest]) -> None:
    pods = [
        [imp.video.slotinpod for imp in request.imp if imp.video is not None]
        for request in sample
        if request.imp[0].video is not None and request.imp[0].video.podid
    ]
    assert pods
    assert {tuple(pod) for pod in pods} == {(1, 0, 0)}


def test_imps_are_those_of_the_placements() -> None:
    for opportunity in islice(opportunities(7), 500):
        imps = decode_request(opportunity.body).imp
        assert [imp.tagid for imp in imps] == [placement.key for placement in opportunity.placements]
        assert [imp.id for imp in imps] == [str(number) for number in range(1, len(imps) + 1)]
