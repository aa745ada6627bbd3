"""A creative in the form the auction works with: everything that judging and rendering need, worked out once."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from bidder.auction.creative.assets import Assets
from bidder.auction.creative.markup.rendered import Markup
from bidder.auction.creative.media import File
from bidder.auction.creative.slot import Pixels, Slot
from bidder.config.schema import Format
from bidder.domain.reason import Reason


class Check(Struct, frozen=True):
    """One thing that a slot may ask of a creative.

    `concerns` tells, once for each creative, whether it could ever fail; `fits` decides for a slot; `facts` says, for
    people, the value seen in the creative and the value wanted by the slot.
    """

    reason: Reason
    concerns: Callable[["Prepared"], bool]
    fits: Callable[["Prepared", Slot], bool]
    facts: Callable[["Prepared", Slot], tuple[str, str]]


class Prepared(Struct, frozen=True, eq=False, kw_only=True):
    """One creative of one campaign. Sets are sets of codes of the AdCOM list that OpenRTB names for the attribute."""

    id: str
    campaign: str
    format: Format
    landing: str
    weight: int
    adomain: tuple[str, ...]
    cat: tuple[str, ...]
    cattax: int
    bundle: str | None
    language: str | None
    """ISO 639-1, lower case."""
    category_keys: frozenset[str]
    """Its categories and those above them, as `TAXONOMY:ID`."""
    category_paths: tuple[tuple[str, ...], ...]
    """For each category, it and those above it."""
    domain_keys: frozenset[str]
    """The advertiser's domains and those above them."""
    facts: Mapping[str, str | int | None]
    """What a model may learn from it: the candidate facts of `models.facts`, for the open auction."""

    size: Pixels | None
    """`None`: a banner takes any size."""
    attr: frozenset[int]
    api: frozenset[int]
    secure: bool
    """Declared so, and no asset is known to load over plain HTTP."""
    exchanges: frozenset[str]
    """Exchanges that approved it; empty: all."""
    deals: frozenset[str]
    """Deals it may run on; empty: any, and the open auction."""

    btype: frozenset[int] = frozenset()
    mimes: frozenset[str] = frozenset()
    """Of a banner: media types of which one must be accepted; empty: unknown."""
    expandable: frozenset[int] = frozenset()

    duration_s: int | None = None
    files: tuple[File, ...] = ()
    protocols: Sequence[int] = ()
    """Versions of VAST or DAAST that it can be written in, best first."""
    usual_protocol: int = 0
    """The version for a slot that names none."""
    wrapped: bool = False
    linear: bool = True
    skip_after_s: int | None = None

    assets: Assets | None = None
    """What a native ad is put together from."""

    markup: Markup
    checks: tuple[Check, ...] = ()
    """The checks that it could fail, in their order."""
