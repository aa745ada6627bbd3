"""TC strings against what both official decoders make of them."""

from datetime import datetime
from typing import Any

import pytest

from bidder.privacy import tcf
from bidder.privacy.bits import Ids, SignalError
from tests.shared import vectors

CASES = vectors("tcf")


def _with(verdict: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["verdict"] == verdict]


def _ids(found: Ids | None) -> list[int]:
    if found is None:
        return []
    named = {number + 1 for number in range(found.bits.bit_length()) if found.bits >> number & 1}
    return sorted(named | {number for first, last in found.ranges for number in range(first, last + 1)})


def _as_stated(found: tcf.Consent) -> dict[str, Any]:
    core, publisher = found.core, found.publisher
    return {
        "version": core.version,
        "created": core.created,
        "lastUpdated": core.updated,
        "cmpId": core.cmp_id,
        "cmpVersion": core.cmp_version,
        "consentScreen": core.screen,
        "consentLanguage": core.language,
        "vendorListVersion": core.vendor_list,
        "tcfPolicyVersion": core.policy,
        "isServiceSpecific": core.service_specific,
        "useNonStandardTexts": core.non_standard_texts,
        "specialFeatureOptIns": _ids(core.special_features),
        "purposesConsent": _ids(core.purposes),
        "purposesLITransparency": _ids(core.purposes_interest),
        "purposeOneTreatment": core.purpose_one_treatment,
        "publisherCC": core.publisher_country,
        "vendorConsents": _ids(core.vendors),
        "vendorLegitimateInterests": _ids(core.vendors_interest),
        "publisherRestrictions": [
            {"purposeId": each.purpose, "restrictionType": each.kind, "vendorIds": _ids(each.vendors)}
            for each in sorted(core.restrictions, key=lambda each: (each.purpose, each.kind))
        ],
        "disclosedVendors": _ids(found.disclosed),
        "allowedVendors": _ids(found.allowed),
        "pubPurposesConsent": _ids(publisher.purposes),
        "pubPurposesLITransparency": _ids(publisher.purposes_interest),
        "customPurposesConsent": _ids(publisher.custom),
        "customPurposesLITransparency": _ids(publisher.custom_interest),
    }


@pytest.mark.parametrize("case", _with("ok"))
def test_reads_every_field_that_both_official_decoders_agree_on(case: dict[str, Any]) -> None:
    stated = dict(case["expect"])
    for name in ("created", "lastUpdated"):
        stated[name] = datetime.fromisoformat(stated[name])
    assert _as_stated(tcf.read(case["string"])) == stated


@pytest.mark.parametrize("case", _with("reject"))
def test_refuses_what_both_official_decoders_refuse(case: dict[str, Any]) -> None:
    with pytest.raises(SignalError):
        tcf.read(case["string"])


@pytest.mark.parametrize("case", _with("disputed"))
def test_a_string_that_the_decoders_dispute_is_read_or_refused(case: dict[str, Any]) -> None:
    try:
        tcf.read(case["string"])
    except SignalError:
        return
