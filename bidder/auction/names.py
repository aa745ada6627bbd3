"""What a line names, table by table: read once for a line, and again by each block that it comes to lie in."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from bidder.auction.attributes import ATTRIBUTES, IMP_ATTRIBUTES, Attribute, ImpAttribute
from bidder.auction.creative import Prepared
from bidder.config.schema import Campaign

DEAL, FORMAT, SIZE = "deal", "creative.format", "creative.size"
CATEGORIES, ADVERTISERS, APPS = "creative.cat", "creative.adomain", "creative.bundle"
"""What all creatives of a line carry, so that blocking it blocks the line."""
SOME_CATEGORIES, SOME_ADVERTISERS = "some.cat", "some.adomain"
"""What some of them carry, but not all."""

_ATTRIBUTES: tuple[Attribute | ImpAttribute, ...] = (*ATTRIBUTES, *IMP_ATTRIBUTES)

Creatives = Mapping[str, Sequence[Prepared]]
"""A line's creatives by format."""


class Named(Struct, frozen=True, eq=False, gc=False):
    """What lines include and exclude in one table; at least one of them is not empty. Many lines share one."""

    table: str
    """The name of an attribute, or one of the names of this module."""
    include: tuple[Hashable, ...]
    exclude: tuple[Hashable, ...]


def names_of(campaign: Campaign, creatives: Creatives) -> tuple[Named, ...]:
    """All that a campaign and its creatives name."""
    return tuple(_named(*each) for each in _tables(campaign, creatives) if each[1] or each[2])


def all_creatives(creatives: Creatives) -> list[Prepared]:
    """The creatives of all formats."""
    return [each for some in creatives.values() for each in some]


_named = lru_cache(maxsize=1 << 16)(Named)
"""The same object for the same names, which saves memory and makes blocks quick to build."""


def _tables(
    campaign: Campaign, creatives: Creatives
) -> Iterator[tuple[str, tuple[Hashable, ...], tuple[Hashable, ...]]]:
    for attribute in _ATTRIBUTES:
        yield attribute.name, tuple(attribute.include(campaign)), tuple(attribute.exclude(campaign))
    ads = all_creatives(creatives)
    yield DEAL, campaign.include.deal, campaign.exclude.deal
    yield FORMAT, tuple(creatives), ()
    yield SIZE, _banner_sizes(creatives), ()
    categories, some = _shared([each.category_keys for each in ads])
    yield CATEGORIES, categories, ()
    yield SOME_CATEGORIES, some, ()
    domains, some = _shared([each.domain_keys for each in ads])
    yield ADVERTISERS, domains, ()
    yield SOME_ADVERTISERS, some, ()
    yield APPS, _shared([frozenset({each.bundle.lower()} if each.bundle else ()) for each in ads])[0], ()


def _banner_sizes(creatives: Creatives) -> tuple[Hashable, ...]:
    """Sizes of the banners; a line that adapts to any size, or has no banner, is open."""
    sizes = [each.size for each in creatives.get("banner", ())]
    fixed = tuple({size for size in sizes if size is not None})
    return fixed if None not in sizes else ()


def _shared(sets: Sequence[frozenset[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is in all sets, and what is in some."""
    first = sets[0] if sets else frozenset[str]()
    every = first.intersection(*sets)
    return tuple(every), tuple(first.union(*sets) - every)
