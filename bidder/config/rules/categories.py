"""Rules about categories and their taxonomies."""

import re
from collections.abc import Iterator

from bidder.config.lines import Path
from bidder.config.mistake import Fault
from bidder.config.rules.registry import rule
from bidder.config.schema import Categories, Creative
from bidder.config.tables import elements
from openrtb.enums import CategoryTaxonomies

VENDOR_SPECIFIC = 500
CONTENT_1_0 = int(CategoryTaxonomies.CONTENT_1_0)

_TAXONOMIES = frozenset(each.value for each in CategoryTaxonomies)

# Categories below IAB1, IAB2, ... IAB26 of the content taxonomy 1.0 (AdCOM 1.0 list `Category Taxonomies`, 1).
_BELOW = (7, 23, 12, 11, 15, 9, 45, 18, 31, 9, 5, 3, 12, 8, 10, 7, 44, 6, 36, 27, 3, 4, 10, 0, 7, 4)


@rule(Categories, "ids*", "cattax")
def category_ids_are_of_their_taxonomy(categories: Categories) -> Iterator[Fault]:
    yield from _unknown("ids", categories.ids, categories.cattax)


@rule(Creative, "cat*", "cattax")
def creative_categories_are_of_their_taxonomy(creative: Creative) -> Iterator[Fault]:
    yield from _unknown("cat", creative.cat, creative.cattax)


@rule(Categories, "cattax")
def the_taxonomy_of_content_is_listed(categories: Categories) -> Iterator[Fault]:
    yield from _unlisted(("cattax",), categories.cattax)


@rule(Creative, "cattax")
def the_taxonomy_of_a_creative_is_listed(creative: Creative) -> Iterator[Fault]:
    yield from _unlisted(("cattax",), creative.cattax)


def _unknown(key: str, ids: tuple[str, ...], cattax: int) -> Iterator[Fault]:
    if cattax != CONTENT_1_0:
        return
    for index, category in elements(ids):
        if not _in_content_1_0(category):
            wanted = "a category of the IAB content taxonomy 1.0, as in `IAB7` or `IAB7-3` (or say another `cattax`)"
            yield Fault((key, index), wanted, category)


def _in_content_1_0(category: str) -> bool:
    match = re.fullmatch(r"IAB([1-9][0-9]?)(?:-([1-9][0-9]?))?", category)
    if match is None or int(match[1]) > len(_BELOW):
        return False
    return match[2] is None or int(match[2]) <= _BELOW[int(match[1]) - 1]


def is_listed(cattax: int) -> bool:
    """Whether a taxonomy may have this number."""
    return cattax >= VENDOR_SPECIFIC or cattax in _TAXONOMIES


def _unlisted(path: Path, cattax: int) -> Iterator[Fault]:
    if not is_listed(cattax):
        yield Fault(path, "a taxonomy of the AdCOM list `Category Taxonomies`: 1 to 9, or 500 and above", cattax)
