"""What requests say again and again (places, devices, sites, topics), and which lines accept it, remembered.

Attributes that read one part of a request are asked together: one look-up by what stands there, instead of a table for
each. What is remembered is bounded; where there is too much of it, it is forgotten and learnt anew.
"""

from collections.abc import Hashable, Sequence
from operator import attrgetter

from bidder.auction.attributes import Attribute
from bidder.auction.index import Table
from bidder.auction.view import View

MOST_ANSWERS = 2048
"""Answers that a block remembers for one source."""

LONGEST_KEY = 512
"""Characters; what is longer does not come again, and would take the room of what does."""

Answers = dict[Hashable, int]
"""The lines of a block that accept what a request says, by what it says."""


class Source:
    """One part of a request, and the attributes that read it."""

    __slots__ = ("places", "read", "values")

    def __init__(self, attributes: Sequence[tuple[int, Attribute]]) -> None:
        """`attributes` are those with this source and their places in the order of the gates."""
        self.read = attrgetter(*sorted({name for _, attribute in attributes for name in attribute.reads}))
        """What a view says here: the key of the answer."""
        self.places = [place for place, _ in attributes]
        self.values = [attribute.values for _, attribute in attributes]

    def answer(self, view: View, tables: Sequence[Table]) -> int:
        """The lines of a block with these tables that accept what the view says."""
        bits = -1
        for place, values in zip(self.places, self.values, strict=True):
            bits &= tables[place].accept(values(view))
        return bits


def sources_of(attributes: Sequence[Attribute]) -> list[Source]:
    """The sources that these attributes read."""
    names = dict.fromkeys(attribute.source for attribute in attributes if attribute.source)
    return [Source([(place, each) for place, each in enumerate(attributes) if each.source == name]) for name in names]


def remember(answers: Answers, key: Hashable, bits: int) -> None:
    """Keep an answer for the next request that says the same."""
    if len(answers) >= MOST_ANSWERS:
        answers.clear()
    if len(repr(key)) <= LONGEST_KEY:
        answers[key] = bits
