"""The sections of the GPP string for the United States: national, and state by state.

Source: GPP section specifications of the IAB (US National v1 and v2, and the states). Every field but the version
has two bits: 0 not applicable, 1 and 2 as the field says; for an opt-out 1 is "opted out".
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from bidder.privacy.bits import Bits, SignalError

_MSPA = "MspaCoveredTransaction MspaOptOutOptionMode MspaServiceProviderMode"
_SHARING = "SharingNotice SaleOptOutNotice TargetedAdvertisingOptOutNotice"
_PROCESSING = "ProcessingNotice SaleOptOutNotice TargetedAdvertisingOptOutNotice"
_OUT = "SaleOptOut TargetedAdvertisingOptOut"
_SENSITIVE, _CHILD = "SensitiveDataProcessing", "KnownChildSensitiveDataConsents"
_MORE = "AdditionalDataProcessingConsent"
_NATIONAL = (
    "SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice "
    "SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut TargetedAdvertisingOptOut"
)


class Section(Struct, frozen=True):
    """How one section is laid out."""

    name: str
    fields: str
    """Names in their order; `NAME:3` stands three times."""
    control: bool = True
    """Whether a second segment may tell the Global Privacy Control."""


SECTIONS: Final[Mapping[int, Section]] = {
    7: Section("usnat", f"{_NATIONAL} {_SENSITIVE}:16 {_CHILD}:3 PersonalDataConsents {_MSPA}"),
    8: Section(
        "usca",
        "SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut "
        f"{_SENSITIVE}:9 {_CHILD}:2 PersonalDataConsents {_MSPA}",
    ),
    9: Section("usva", f"{_SHARING} {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MSPA}", control=False),
    10: Section("usco", f"{_SHARING} {_OUT} {_SENSITIVE}:7 {_CHILD}:1 {_MSPA}"),
    11: Section(
        "usut",
        f"{_SHARING} SensitiveDataProcessingOptOutNotice {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MSPA}",
        control=False,
    ),
    12: Section("usct", f"{_SHARING} {_OUT} {_SENSITIVE}:8 {_CHILD}:3 {_MSPA}"),
    13: Section("usfl", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:3 {_MORE} {_MSPA}", control=False),
    14: Section("usmt", f"{_SHARING} {_OUT} {_SENSITIVE}:8 {_CHILD}:3 {_MORE} {_MSPA}"),
    15: Section("usor", f"{_PROCESSING} {_OUT} {_SENSITIVE}:11 {_CHILD}:3 {_MORE} {_MSPA}"),
    16: Section("ustx", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MORE} {_MSPA}"),
    17: Section("usde", f"{_PROCESSING} {_OUT} {_SENSITIVE}:9 {_CHILD}:5 {_MORE} {_MSPA}"),
    18: Section("usia", f"{_PROCESSING} SensitiveDataOptOutNotice {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MSPA}"),
    19: Section("usne", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MORE} {_MSPA}"),
    20: Section("usnh", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:3 {_MORE} {_MSPA}"),
    21: Section("usnj", f"{_PROCESSING} {_OUT} {_SENSITIVE}:10 {_CHILD}:5 {_MORE} {_MSPA}"),
    22: Section("ustn", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MORE} {_MSPA}"),
    23: Section("usmn", f"{_PROCESSING} {_OUT} {_SENSITIVE}:8 {_CHILD}:1 {_MORE} {_MSPA}"),
}
"""By section id. The national section is laid out as in version 2; `_FIRST_NATIONAL` as in version 1."""

_NATIONAL_ID = 7
_FIRST_NATIONAL = Section("usnat", f"{_NATIONAL} {_SENSITIVE}:12 {_CHILD}:2 PersonalDataConsents {_MSPA}")
_CONTROL = 1

Values = Mapping[str, tuple[int, ...]]


def read(number: int, text: str) -> tuple[Values, bool]:
    """The fields of a section and its Global Privacy Control. Raises `SignalError`, `KeyError` for other sections."""
    core, *others = text.split(".")
    bits = Bits(core)
    version = bits.integer(6)
    section = SECTIONS[number]
    # Writers put either version over either layout, so that the number of bits tells the layout.
    if number == _NATIONAL_ID and bits.left < _width(section):
        section = _FIRST_NATIONAL
    values: dict[str, tuple[int, ...]] = {"Version": (version,)}
    for name, count in _fields(section):
        values[name] = bits.integers(count, 2)
    return values, _control(section, others)


def _fields(section: Section) -> Iterator[tuple[str, int]]:
    for field in section.fields.split():
        name, _, count = field.partition(":")
        yield name, int(count or 1)


def _control(section: Section, segments: list[str]) -> bool:
    if len(segments) > section.control:
        raise SignalError(
            f"section {section.name} has {1 + section.control} segments at most, found {1 + len(segments)}"
        )
    if not segments:
        return False
    bits = Bits(segments[0])
    kind = bits.integer(2)
    if kind != _CONTROL:
        raise SignalError(f"the second segment of section {section.name} is of type 1, found {kind}")
    return bits.flag()


def _width(section: Section) -> int:
    return 2 * sum(count for _, count in _fields(section))
