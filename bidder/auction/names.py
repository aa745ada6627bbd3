"""What a line names, table by table: read once for a line, and again by each block that it comes to lie in."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bidder.auction.attributes import ATTRIBUTES, IMP_ATTRIBUTES, Attribute, ImpAttribute
from bidder.auction.creative import Prepared
from bidder.config.schema import Campaign

DEAL, FORMAT, SIZE = "deal", "creative.format", "creative.size"
CATEGORIES, ADVERTISERS, APPS = "creative.cat", "creative.adomain", "creative.bundle"

_ATTRIBUTES: tuple[Attribute | ImpAttribute, ...] = (*ATTRIBUTES, *IMP_ATTRIBUTES)

Creatives = Mapping[str, Sequence[Prepared]]
"""A line's creatives by format."""


class Named(NamedTuple):
    """What a line includes and excludes in one table; at least one of them is not empty."""

    table: str
    """The name of an attribute, or one of the names of this module."""
    include: Sequence[Hashable]
    exclude: Sequence[Hashable]


def names_of(campaign: Campaign, creatives: Creatives) -> tuple[Named, ...]:
    """All that a campaign and its creatives name."""
    return tuple(Named(*each) for each in _tables(campaign, creatives) if each[1] or each[2])


def all_creatives(creatives: Creatives) -> list[Prepared]:
    """The creatives of all formats."""
    return [each for some in creatives.values() for each in some]


def _tables(campaign: Campaign, creatives: Creatives) -> Iterator[tuple[str, Sequence[Hashable], Sequence[Hashable]]]:
    for attribute in _ATTRIBUTES:
        yield attribute.name, tuple(attribute.include(campaign)), tuple(attribute.exclude(campaign))
    ads = all_creatives(creatives)
    yield DEAL, campaign.include.deal, campaign.exclude.deal
    yield FORMAT, tuple(creatives), ()
    yield SIZE, _banner_sizes(creatives), ()
    yield CATEGORIES, _shared(each.category_keys for each in ads), ()
    yield ADVERTISERS, _shared(each.domain_keys for each in ads), ()
    yield APPS, _shared({each.bundle.lower()} if each.bundle else set() for each in ads), ()


def _banner_sizes(creatives: Creatives) -> Sequence[Hashable]:
    """Sizes of the banners; a line that adapts to any size, or has no banner, is open."""
    sizes = [each.size for each in creatives.get("banner", ())]
    fixed = tuple({size for size in sizes if size is not None})
    return fixed if None not in sizes else ()


def _shared(sets: Iterable[frozenset[str] | set[str]]) -> Sequence[str]:
    """What every creative carries, so that blocking it blocks the line."""
    found = [*sets]
    return tuple(found[0].intersection(*found[1:])) if found else ()
