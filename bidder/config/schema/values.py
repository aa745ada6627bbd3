"""Kinds of value that several tables share, and the base of the tables."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="letters, digits, . _ -; at most 64")
]
Share = Annotated[Decimal, Meta(extra={"min": 0, "max": 1}, description="between 0 and 1")]
Amount = Annotated[Decimal, Meta(extra={"min": 0}, description="an amount of money, not negative")]
Positive = Annotated[Decimal, Meta(extra={"above": 0}, description="an amount of money above zero")]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s\"'<>\\^`{|}]+$", description="an absolute http or https URL")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="three capital letters, as in ISO 4217")]
Size = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$", description="WIDTHxHEIGHT, as in 300x250")]

Format = Literal["banner", "video", "audio", "native"]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all configuration tables."""
