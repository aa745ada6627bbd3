"""Smoothed rates over a hierarchy of values, pure: (creative, placement) leans on (creative), that on everything."""

from collections.abc import Iterable, Sequence
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


def count(keys: Iterable[Key], labels: Iterable[float]) -> RateTable:
    """Counts of keys and all their prefixes, most frequent first."""
    rows = positives = 0.0
    tallies: Tallies = {}
    for key, label in zip(keys, labels, strict=True):
        rows += 1
        positives += label
        for length in range(1, len(key) + 1):
            _add(tallies, key[:length], 1, label)
    return RateTable(rows, positives, _levels(tallies))


def merged(tables: Sequence[RateTable]) -> RateTable:
    """The counts of all rows of tables that were counted apart."""
    tallies: Tallies = {}
    for each in (each for table in tables for level in table.levels for each in level):
        _add(tallies, each.key, each.rows, each.positives)
    return RateTable(sum(table.rows for table in tables), sum(table.positives for table in tables), _levels(tallies))


def frequent(table: RateTable, min_rows: int) -> RateTable:
    """The table without keys that were seen fewer than `min_rows` times."""
    kept = (tuple(each for each in level if each.rows >= min_rows) for level in table.levels)
    return RateTable(table.rows, table.positives, tuple(kept))


Tallies: TypeAlias = dict[Key, list[float]]
"""Rows and positives by key."""


def _add(tallies: Tallies, key: Key, rows: float, positives: float) -> None:
    tally = tallies.setdefault(key, [0.0, 0.0])
    tally[0] += rows
    tally[1] += positives


def _levels(tallies: Tallies) -> tuple[tuple[Count, ...], ...]:
    depth = max(map(len, tallies), default=0)
    levels: list[list[Count]] = [[] for _ in range(depth)]
    for key, tally in tallies.items():
        levels[len(key) - 1].append(Count(key, *tally))
    return tuple(tuple(sorted(level, key=lambda each: (-each.rows, repr(each.key)))) for level in levels)


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
