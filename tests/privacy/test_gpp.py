"""GPP strings against what both official decoders make of them."""

from typing import Any

import pytest

from bidder.privacy import gpp, tcf, us_sections, usp
from bidder.privacy.bits import SignalError
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


def _canadian(name: str) -> bool:
    """Canada's section is not read here, and forbids personal data whatever it says."""
    return CASES[name]["string"].startswith("DBABDA~")


@pytest.mark.parametrize("name", [name for name in _named("reject") if not _canadian(name)])
def test_a_string_that_both_refuse_is_refused_here(name: str) -> None:
    with pytest.raises(SignalError):
        _read(CASES[name]["string"])


@pytest.mark.parametrize("name", _named("disputed"))
def test_a_string_that_the_decoders_dispute_is_read_or_refused(name: str) -> None:
    try:
        _read(CASES[name]["string"])
    except SignalError:
        return
