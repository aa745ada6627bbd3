"""Codes of DoubleClick Ad Exchange (AdX), which both recorded sets carry, and what they are in OpenRTB 2.6."""

from collections.abc import Iterable, Mapping
from typing import Final

from openrtb.enums import CreativeAttributes

CATTAX: Final = 500
"""`BidRequest.cattax` beside categories of AdX: from 500 up a taxonomy is the exchange's own (AdCOM)."""

ATTRIBUTES: Final[Mapping[int, int]] = {
    1: CreativeAttributes.TEXT_ONLY,
    28: CreativeAttributes.EXPANDABLE_ROLLOVER,
}
"""AdX creative attribute -> the OpenRTB attribute that means the same.

These two are the ones of the recordings that Google's own conversion library pairs one to one. The others, such as
the eight directions an ad may expand in, VAST, VPAID, Flash and missing TLS, are no OpenRTB creative attribute.
"""


def battr(excluded: Iterable[int]) -> list[int] | None:
    """`Banner.battr` for the excluded attributes that have a counterpart; `None` where none has."""
    return sorted({int(ATTRIBUTES[code]) for code in excluded if code in ATTRIBUTES}) or None


def bcat(excluded: Iterable[int]) -> list[str] | None:
    """`BidRequest.bcat`, in the taxonomy `CATTAX`, for excluded sensitive and product categories; `None` without any.

    AdX numbers sensitive categories below 100 and product categories from 10000 up, so both fit into one list.
    """
    return [str(code) for code in dict.fromkeys(excluded)] or None
