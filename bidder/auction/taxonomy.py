"""The categories above a category, in taxonomies whose hierarchy is configured (`taxonomies/N.tsv`).

Content Taxonomy 1.0 tells it by its codes (`keys.category_keys`); a taxonomy of which nothing is known is flat. It is
the request that is looked at: what it says a page is about includes what lies above, and what it blocks or allows
includes what lies below. So campaigns stay as they are when a taxonomy changes.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from bidder.auction.keys import Values
from bidder.auction.view import View

Parents = Mapping[int, Mapping[str, str]]
"""By taxonomy and category the category above; empty text at the top."""


class Hierarchies:
    """What is known of the taxonomies."""

    __slots__ = ("parents",)

    def __init__(self, parents: Parents) -> None:
        self.parents = parents

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hierarchies) and self.parents == other.parents

    def __hash__(self) -> int:
        return hash(frozenset(self.parents))

    def path(self, cattax: int, category: str) -> Iterator[str]:
        """The category and all above it."""
        parents = self.parents.get(cattax, {})
        while category:
            yield category
            category = parents.get(category, "")

    def within(self, cattax: int, categories: frozenset[str], listed: Collection[str]) -> Collection[str]:
        """Those of `categories` that are listed, or lie below one that is."""
        if cattax not in self.parents:
            return categories.intersection(listed)
        names = frozenset(listed)
        return [each for each in categories if not names.isdisjoint(self.path(cattax, each))]


@dataclass(frozen=True, slots=True)
class WithAbove:
    """Values of a request that are categories (as `6:483`), with those above them."""

    values: Callable[[View], Values]
    hierarchies: Hierarchies

    def __call__(self, view: View) -> Values:
        return tuple(dict.fromkeys(key for each in self.values(view) for key in self._keys(each)))

    def _keys(self, key: str) -> Iterator[str]:
        cattax, _, category = key.partition(":")
        return (f"{cattax}:{each}" for each in self.hierarchies.path(int(cattax), category))
