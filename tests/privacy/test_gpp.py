"""GPP strings against what both official decoders make of them."""

from typing import Any

import pytest

from bidder.privacy import gpp, tcf, tcf_canada, us_sections, usp
from bidder.privacy.bits import Ids, SignalError
from bidder.privacy.consent import CANADIAN_PURPOSES, gpp_permits
from tests.shared import vectors

CASES = {case["id"]: case for case in vectors("gpp")}


def _named(verdict: str) -> list[str]:
    return [name for name, case in CASES.items() if case["verdict"] == verdict]


TCF_EU_1 = 1
"""A section of the first framework, which the official decoders drop from the list."""


def _as_told(values: us_sections.Values, lengths: dict[str, int]) -> dict[str, list[int]]:
    """As the vectors tell it: version 1 has the shorter layout, version 2 has zeros where the text lacks values."""
    return {name: [*value[: lengths[name]], *[0] * (lengths[name] - len(value))] for name, value in values.items()}


def _read(text: str) -> dict[int, Any]:
    """Every section that is ours to read, as its own reader reads it."""
    found: dict[int, Any] = {}
    for number, section in gpp.read(text).sections.items():
        if number == gpp.TCF_EU:
            found[number] = tcf.read(section)
        elif number == gpp.TCF_CANADA:
            found[number] = tcf_canada.read(section)
        elif number == gpp.US_PRIVACY:
            found[number] = usp.read(section)
        elif number in us_sections.SECTIONS:
            found[number] = us_sections.read(number, section)
    return found


@pytest.mark.parametrize("name", _named("ok"))
def test_tells_the_sections(name: str) -> None:
    found = gpp.read(CASES[name]["string"]).sections
    assert [number for number in found if number != TCF_EU_1] == CASES[name]["sectionIds"]


@pytest.mark.parametrize(
    ("name", "number", "section"),
    [
        (name, number, section.name)
        for name in _named("ok")
        for number, section in us_sections.SECTIONS.items()
        if section.name in CASES[name]["sections"]
    ],
)
def test_reads_every_field_of_the_sections_of_the_united_states(name: str, number: int, section: str) -> None:
    values, control = us_sections.read(number, gpp.read(CASES[name]["string"]).sections[number])
    expected = dict(CASES[name]["sections"][section])
    assert control == expected.pop("Gpc", False)
    lengths = {field: len(value) if isinstance(value, list) else 1 for field, value in expected.items()}
    assert _as_told(values, lengths) == {
        field: value if isinstance(value, list) else [value] for field, value in expected.items()
    }


@pytest.mark.parametrize("name", [name for name in _named("ok") if "tcfeuv2" in CASES[name]["sections"]])
def test_reads_the_purposes_and_vendors_of_the_european_section(name: str) -> None:
    found = tcf.read(gpp.read(CASES[name]["string"]).sections[gpp.TCF_EU])
    expected = CASES[name]["sections"]["tcfeuv2"]
    assert [number in found.core.purposes for number in range(1, 25)] == expected["PurposeConsents"]
    assert all(vendor in found.core.vendors for vendor in expected["VendorConsents"])
    assert not any(vendor + 1 in found.core.vendors for vendor in expected["VendorConsents"][-1:])


CANADIAN = [name for name in _named("ok") if gpp.TCF_CANADA in CASES[name]["sectionIds"]]


@pytest.mark.parametrize("name", CANADIAN)
def test_reads_every_consent_of_the_canadian_section(name: str) -> None:
    found = tcf_canada.read(gpp.read(CASES[name]["string"]).sections[gpp.TCF_CANADA])
    told = CASES[name]["sections"]["tcfcav1"]
    assert not told["PubRestrictions"]
    assert [number in found.special_features for number in range(1, 13)] == told["SpecialFeatureExpressConsent"]
    assert [number in found.purposes for number in range(1, 25)] == told["PurposesExpressConsent"]
    assert [number in found.purposes_implied for number in range(1, 25)] == told["PurposesImpliedConsent"]
    assert [number for number in range(2000) if number in found.vendors] == told["VendorExpressConsent"]
    assert [number for number in range(2000) if number in found.vendors_implied] == told["VendorImpliedConsent"]
    assert [number for number in range(99) if number in (found.disclosed or Ids())] == told["DisclosedVendors"]


@pytest.mark.parametrize("name", CANADIAN)
def test_the_canadian_section_permits_with_express_consent_to_vendor_and_purposes_alone(name: str) -> None:
    case = CASES[name]
    told = case["sections"]["tcfcav1"]
    purposes = all(told["PurposesExpressConsent"][purpose - 1] for purpose in CANADIAN_PURPOSES)
    for vendor in (5, 12, 18, 42, 93, 157, 1216):
        shown = not told["DisclosedVendors"] or vendor in told["DisclosedVendors"]
        expected = purposes and vendor in told["VendorExpressConsent"] and shown
        assert gpp_permits(case["string"], gpp.TCF_CANADA, vendor) == expected


def test_some_canadian_string_permits_and_some_does_not() -> None:
    assert gpp_permits(CASES["gpp029"]["string"], gpp.TCF_CANADA, 12)
    assert not gpp_permits(CASES["gpp029"]["string"], gpp.TCF_CANADA, 18)
    assert not gpp_permits(CASES["gpp032"]["string"], gpp.TCF_CANADA, 42)


def _with_vendors_in_another_way() -> list[str]:
    """Canadian sections of one of the encoders, which writes vendors as no other decoder reads them."""
    made = [name for name in _named("disputed") if CASES[name]["origin"].startswith("generated")]
    return [name for name in made if CASES[name]["string"].startswith("DBABDA~")]


@pytest.mark.parametrize("name", _with_vendors_in_another_way())
def test_a_canadian_section_whose_vendors_cannot_be_told_permits_nobody(name: str) -> None:
    assert not any(gpp_permits(CASES[name]["string"], gpp.TCF_CANADA, vendor) for vendor in range(1, 2000))


@pytest.mark.parametrize("name", _named("reject"))
def test_a_string_that_both_refuse_is_refused_here(name: str) -> None:
    with pytest.raises(SignalError):
        _read(CASES[name]["string"])


@pytest.mark.parametrize("name", _named("disputed"))
def test_a_string_that_the_decoders_dispute_is_read_or_refused(name: str) -> None:
    try:
        _read(CASES[name]["string"])
    except SignalError:
        return


def canadian(vendors: str, tail: str = "0" * 12) -> str:
    """A Canadian core with consent to purposes 3 and 4 and these bits of vendors."""
    head = "000001" + "0" * (36 + 36 + 12 + 12 + 6) + "000100001101" + "0" * 12 + "000010" + "0" + "0" * 12
    bits = head + "001100" + "0" * 18 + "0" * 24 + vendors + "0" * 17 + tail
    bits += "0" * (-len(bits) % 6)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(letters[int(bits[start : start + 6], 2)] for start in range(0, len(bits), 6))


FIVE = f"{5:016b}0" + "00001"
"""Vendor 5 alone, as a bit for each."""


@pytest.mark.parametrize(
    ("section", "permits"),
    [
        (canadian(FIVE), True),
        (canadian(f"{5:016b}1" + f"{1:012b}0{5:016b}"), True),
        (canadian(FIVE, tail=""), True),
        (canadian(FIVE, tail=f"{1:012b}" + "00001100" + f"{1:012b}0{5:016b}"), False),
        (canadian(FIVE, tail="0" * 12 + "1" * 6), False),
        (canadian(FIVE, tail="0" * 60), False),
        (canadian(FIVE) + ".IABQgA", False),
        (canadian(FIVE) + ".YAAAAAAAAAA.YAAAAAAAAAA", False),
        (canadian(FIVE) + ".QAAA", False),
        ("C" + canadian(FIVE)[1:], False),
    ],
    ids=[
        "a bit for each vendor",
        "ranges of vendors",
        "without a place for restrictions",
        "with restrictions",
        "more after the end",
        "far more padding than any writer adds",
        "other vendors were disclosed",
        "a segment twice",
        "a segment that is not known",
        "another version",
    ],
)  # fmt: skip
def test_a_canadian_section_is_taken_at_its_word_only_where_it_can_be_read(section: str, permits: bool) -> None:
    assert gpp_permits(f"DBABDA~{section}", gpp.TCF_CANADA, 5) == permits
