"""When personal data may be used, told by requests as exchanges send them."""

import json
from typing import Any

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
)
from bidder.privacy.verdict import Verdict, judge
from openrtb import decode_request

US_NATIONAL, TCF_EU, CANADA = 7, 2, 5
OURS = 77


def _verdict(regs: dict[str, Any] | None = None, vendor: int | None = OURS, **request: Any) -> Verdict:
    body = {"id": "1", "imp": [{"id": "1"}], "regs": regs or {}, **request}
    return judge(decode_request(json.dumps(body).encode()), vendor)


def _gdpr(choice: TcfChoice, vendor: int | None = OURS) -> Verdict:
    return _verdict({"gdpr": 1}, vendor, user={"consent": tcf_string(choice, "EN")})


def test_nothing_speaks_against_it_where_no_law_is_named() -> None:
    assert _verdict() is Verdict.ALLOWED


def test_gdpr_permits_it_to_a_vendor_whom_the_user_consented_to() -> None:
    assert _gdpr(ACCEPT_ALL) is Verdict.ALLOWED


@pytest.mark.parametrize("choice", [BASIC_ADS, REJECT_ALL])
def test_gdpr_forbids_it_without_consent_to_profiles(choice: TcfChoice) -> None:
    assert _gdpr(choice) is Verdict.GDPR


def test_gdpr_forbids_it_to_a_vendor_who_was_not_on_the_list() -> None:
    assert _gdpr(ACCEPT_ALL, ALL_VENDORS + 1) is Verdict.GDPR


def test_gdpr_forbids_it_to_who_is_no_vendor_at_all() -> None:
    assert _gdpr(ACCEPT_ALL, None) is Verdict.GDPR


@pytest.mark.parametrize("text", ["", "tcf", "CPXxRfAPXxRfAAfKABENB-C", "=" * 40_000])
def test_gdpr_forbids_it_where_the_string_cannot_be_read(text: str) -> None:
    assert _verdict({"gdpr": 1}, user={"consent": text}) is Verdict.GDPR


def test_gdpr_takes_the_european_section_of_gpp_for_consent() -> None:
    regs = {"gdpr": 1, "gpp": gpp_tcf_eu(ACCEPT_ALL, "DE"), "gpp_sid": [TCF_EU]}
    assert _verdict(regs) is Verdict.ALLOWED


def test_a_national_section_permits_it_until_the_user_opts_out() -> None:
    verdicts = [_verdict({"gpp": gpp_us_national(opted_out), "gpp_sid": [US_NATIONAL]}) for opted_out in (False, True)]
    assert verdicts == [Verdict.ALLOWED, Verdict.GPP]


def test_a_section_in_force_that_the_string_lacks_forbids_it() -> None:
    assert _verdict({"gpp": gpp_us_national(False), "gpp_sid": [US_NATIONAL, 8]}) is Verdict.GPP


def test_a_section_that_nobody_here_reads_forbids_it() -> None:
    assert _verdict({"gpp": gpp_us_national(False), "gpp_sid": [CANADA]}) is Verdict.GPP


@pytest.mark.parametrize("section", [0, -1])
def test_a_mark_that_no_section_applies_forbids_nothing(section: int) -> None:
    assert _verdict({"gpp_sid": [section]}) is Verdict.ALLOWED


def test_the_european_section_says_nothing_where_gdpr_does_not_apply() -> None:
    assert _verdict({"gdpr": 0, "gpp": gpp_tcf_eu(REJECT_ALL, "EN"), "gpp_sid": [TCF_EU]}) is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("1YNN", Verdict.ALLOWED),
        ("1---", Verdict.ALLOWED),
        ("1YYN", Verdict.OPTED_OUT),
        ("1yyn", Verdict.OPTED_OUT),
        ("garbage", Verdict.ALLOWED),
    ],
)
def test_the_us_privacy_string_forbids_it_where_it_says_so(text: str, verdict: Verdict) -> None:
    assert _verdict({"us_privacy": text}) is verdict


def test_a_child_directed_request_never_permits_it() -> None:
    regs = {"coppa": 1, "gdpr": 1}
    assert _verdict(regs, user={"consent": tcf_string(ACCEPT_ALL, "EN")}) is Verdict.CHILD_DIRECTED


@pytest.mark.parametrize("device", [{"lmt": 1}, {"dnt": 1}])
def test_a_device_that_limits_tracking_never_permits_it(device: dict[str, int]) -> None:
    assert _verdict(device=device) is Verdict.LIMITED


def test_global_privacy_control_forbids_it() -> None:
    assert _verdict({"ext": {"gpc": "1"}}) is Verdict.GLOBAL_CONTROL
