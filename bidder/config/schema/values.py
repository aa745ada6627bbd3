"""Kinds of value that several tables share, and the base of the tables.

Descriptions say what is right; they end up in error messages and in the reference. Bounds of decimals, which msgspec
does not check, stand in `extra`: `min` and `max` are included, `above` and `below` are not.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", description="at most 64 letters, digits and . _ -")
]
Text = Annotated[str, Meta(min_length=1, max_length=4096, description="text of 1 to 4096 characters")]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?"
        r"([/?#][^\x00-\x20\x7f\"'<>\\^`{|}]*)?\Z",
        max_length=4096,
        description="an absolute http or https URL, special characters percent-encoded",
    ),
]
Domain = Annotated[
    str,
    Meta(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})\Z",
        max_length=253,
        description="a bare domain in lower case, as in `example.com`",
    ),
]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2}\Z", description="a language of two small letters (ISO 639-1)")]
Size = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}\Z", description="WIDTHxHEIGHT, as in `300x250`")]

Share = Annotated[Decimal, Meta(extra={"min": 0, "max": 1}, description="a share from 0 to 1")]
Amount = Annotated[Decimal, Meta(extra={"min": 0, "max": 10**12}, description="an amount of money from 0 to 10^12")]
Positive = Annotated[
    Decimal, Meta(extra={"above": 0, "max": 10**9}, description="an amount of money above 0, at most 10^9")
]
Cpm = Annotated[
    Decimal,
    Meta(extra={"min": Decimal("0.001"), "max": 10**6}, description="a CPM from 0.001 (the finest step) to 10^6"),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", description="three capital letters, as in `USD` (ISO 4217)")]

Category = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z", description="the id of a category, as in `IAB7` or `483`")
]
Cattax = Annotated[int, Meta(ge=1, description="a category taxonomy (AdCOM list `Category Taxonomies`)")]

Format = Literal["banner", "video", "audio", "native"]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Base of all configuration tables. They hold no cycles, so the collector need not visit hundreds of thousands."""
