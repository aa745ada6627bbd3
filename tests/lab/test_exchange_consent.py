"""Privacy strings of the mock, read by others: the vectors and the published layouts."""

import json
from base64 import urlsafe_b64decode

import pytest

from bidder.lab.exchange.traffic.consent import (
    ACCEPT_ALL,
    ALL_VENDORS,
    BASIC_ADS,
    REJECT_ALL,
    TcfChoice,
    gpp_tcf_eu,
    gpp_us_national,
    tcf_string,
    us_privacy_string,
)
from tests import shared


def bits(segment: str) -> str:
    raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    return "".join(f"{byte:08b}" for byte in raw)


def allowed(flags: str) -> list[int]:
    return [number for number, flag in enumerate(flags, 1) if flag == "1"]


@pytest.mark.parametrize("choice", [ACCEPT_ALL, BASIC_ADS, REJECT_ALL])
def test_the_core_of_a_tc_string_says_what_was_chosen(choice: TcfChoice) -> None:
    core = bits(tcf_string(choice, "de").partition(".")[0])
    assert int(core[:6], 2) == 2
    assert core[108:120] == f"{ord('D') - 65:06b}{ord('E') - 65:06b}"
    assert allowed(core[152:176]) == list(choice.purposes)
    assert allowed(core[176:200]) == list(choice.interests)
    assert int(core[213:229], 2) == choice.vendors


def test_the_second_segment_discloses_vendors() -> None:
    disclosed = bits(tcf_string(ACCEPT_ALL, "fr").partition(".")[2])
    assert int(disclosed[:3], 2) == 1
    assert int(disclosed[3:19], 2) == ALL_VENDORS


@pytest.mark.parametrize(("opted_out", "expected"), [(False, "1YNN"), (True, "1YYN")])
def test_the_us_privacy_string_says_whether_sale_is_refused(opted_out: bool, expected: str) -> None:
    assert us_privacy_string(opted_out) == expected


def test_a_gpp_string_is_the_one_that_the_official_encoders_write() -> None:
    vectors = json.loads(shared.path("vectors/gpp.json").read_text())["cases"]
    known = {case["string"]: case for case in vectors if case["verdict"] == "ok"}
    national = known[gpp_us_national(opted_out=False)]["sections"]["usnat"]
    assert (national["SaleOptOut"], national["SharingOptOut"], national["TargetedAdvertisingOptOut"]) == (2, 2, 2)


def test_opting_out_changes_the_gpp_string_and_its_privacy_control() -> None:
    section = gpp_us_national(opted_out=True).partition("~")[2]
    core, control = section.split(".")
    assert bits(core)[18:24] == "010101"
    assert bits(control)[:3] == "011"


def test_a_gpp_string_carries_the_tc_string_as_its_section() -> None:
    header, _, section = gpp_tcf_eu(ACCEPT_ALL, "it").partition("~")
    assert header == "DBABMA"
    assert section == tcf_string(ACCEPT_ALL, "it")
