"""The string of the IAB Global Privacy Platform: a header that lists section ids, and a section for each of them.

Source: GPP consent string specification 1.1. Sections are read one by one, as they are asked for.
"""

from collections.abc import Mapping

from msgspec import Struct

from bidder.privacy.bits import Bits, SignalError

TCF_EU, TCF_CANADA, US_PRIVACY = 2, 5, 6
_TYPE, _VERSION = 3, 1
_MOST_SECTIONS = 64


class Platform(Struct, frozen=True):
    """A GPP string."""

    sections: Mapping[int, str]
    """The text of each section by its id, in the order of the header."""


def read(text: str) -> Platform:
    """Read the header and tell the sections apart. An empty string has none. Raises `SignalError`."""
    if not text:
        return Platform({})
    header, *sections = text.split("~")
    bits = Bits(header)
    kind, version = bits.integer(6), bits.integer(6)
    if (kind, version) != (_TYPE, _VERSION):
        raise SignalError(f"a GPP header is of type 3 and version 1, found type {kind} and version {version}")
    numbers = _section_numbers(bits)
    if len(numbers) != len(sections):
        raise SignalError(f"a GPP header lists {len(numbers)} sections, found {len(sections)}")
    return Platform(dict(zip(numbers, sections, strict=True)))


def _section_numbers(bits: Bits) -> list[int]:
    """Ids in rising order: each entry tells how far after the one before it begins, and a range how far it goes on."""
    numbers: list[int] = []
    last = 0
    for _ in range(bits.integer(12)):
        ranged = bits.flag()
        first = last + bits.fibonacci()
        last = first + bits.fibonacci() if ranged else first
        if len(numbers) + last - first >= _MOST_SECTIONS:
            raise SignalError(f"a GPP header lists more than {_MOST_SECTIONS} sections")
        numbers.extend(range(first, last + 1))
    return numbers
