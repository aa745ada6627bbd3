"""Smoothed rates over a hierarchy of values, pure: (creative, placement) leans on (creative), that on everything."""

from collections.abc import Iterable
from typing import Final, TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.facts import Fact

Key: TypeAlias = tuple[Fact, ...]


class Count(Struct, frozen=True, array_like=True):
    """How often a key was seen, and with which outcome."""

    key: Key
    rows: float
    positives: float


class RateTable(Struct, frozen=True, forbid_unknown_fields=True):
    """Counts by level: `levels[0]` holds keys of one value, `levels[1]` of two, and so on."""

    rows: float
    positives: float
    levels: tuple[tuple[Count, ...], ...]


N = TypeVar("N", float, NDArray[np.float64])

NOTHING_SEEN: Final = (0.001, 1.0)
"""The rate above that of all rows, and how many rows it weighs: a guess for where nothing was seen."""


def smoothed(rows: N, positives: N, above: N, weight: float) -> N:
    """The rate of a key, as if `weight` more rows had been seen at the rate `above` it."""
    return (positives + weight * above) / (rows + weight)


def overall_rate(table: RateTable) -> float:
    """The rate of all rows."""
    return smoothed(table.rows, table.positives, *NOTHING_SEEN)


def prior_rows(prior_positives: float, overall: float) -> float:
    """How many rows hold so many positives at the rate of all rows: a rare outcome needs more rows to be believed."""
    return prior_positives / overall


def count(keys: Iterable[Key], labels: Iterable[float], min_rows: int = 1) -> RateTable:
    """Counts of keys and all their prefixes; keys seen fewer than `min_rows` times are not kept."""
    rows = positives = 0.0
    tallies: dict[Key, list[float]] = {}
    depth = 0
    for key, label in zip(keys, labels, strict=True):
        rows += 1
        positives += label
        depth = len(key)
        for length in range(1, depth + 1):
            tally = tallies.setdefault(key[:length], [0.0, 0.0])
            tally[0] += 1
            tally[1] += label
    return RateTable(rows, positives, tuple(_level(tallies, length, min_rows) for length in range(1, depth + 1)))


def _level(tallies: dict[Key, list[float]], length: int, min_rows: int) -> tuple[Count, ...]:
    kept = [Count(key, *tally) for key, tally in tallies.items() if len(key) == length and tally[0] >= min_rows]
    return tuple(sorted(kept, key=lambda each: (-each.rows, repr(each.key))))


RateTree: TypeAlias = tuple[float, dict[Fact, "RateTree"]]
"""A smoothed rate, and below it those of longer keys by their next value."""


def rate_tree(table: RateTable, prior_positives: float) -> RateTree:
    """The smoothed rates of a table. The rate of a key without rows is the one at the end of its path in the tree."""
    tree: RateTree = (overall_rate(table), {})
    weight = prior_rows(prior_positives, tree[0])
    for level in table.levels:
        for each in level:
            above, below = find(tree, each.key[:-1])
            below[each.key[-1]] = (smoothed(each.rows, each.positives, above, weight), {})
    return tree


def find(tree: RateTree, key: Key) -> RateTree:
    """The part of the tree under the longest known prefix of a key."""
    for value in key:
        below = tree[1].get(value)
        if below is None:
            break
        tree = below
    return tree
