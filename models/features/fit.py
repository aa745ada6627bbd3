"""What features learn from rows: vocabularies and counts; and the matrix that training sees.

A row must not be told its own label. So the rates in a training matrix come from tables of other rows: of the other
folds, or of earlier rows with the labels known by then. Serving uses the table of all rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from models.dataset.rows import Dataset
from models.features.encode import Fitted, key_of
from models.features.featuriser import Featuriser, Matrix
from models.features.kinds import Category, Feature, Rate, Seen
from models.rates import NOTHING_SEEN, Key, RateTable, count, frequent, prior_rows, smoothed

Encoding: TypeAlias = Literal["folds", "ordered"]

FOLDS = 5
BLOCKS = 20
SEEN_ROWS = 2
"""Values seen once are not kept to be counted: a row of training does not count itself, so they are 0 there as well."""


class Part(NamedTuple):
    """Rows to encode, and the rows their rates come from with the labels to count."""

    encoded: NDArray[np.intp]
    learned: NDArray[np.intp]
    labels: NDArray[np.float64]


def fit(features: Mapping[str, Feature], data: Dataset) -> tuple[Fitted, ...]:
    """The features by name with all that the rows and their labels tell."""
    return settled(features, tally(features, data))


def tally(features: Mapping[str, Feature], data: Dataset) -> dict[str, RateTable]:
    """What is counted for features that count, by name: how often values come, and of rates with how many positives."""
    counted = {name: feature for name, feature in features.items() if isinstance(feature, Category | Rate | Seen)}
    return {
        name: count(
            (key_of(feature.facts, facts) for facts in data.facts),
            data.labels.tolist() if isinstance(feature, Rate) else repeat(0.0, len(data)),
        )
        for name, feature in counted.items()
    }


def settled(features: Mapping[str, Feature], tallies: Mapping[str, RateTable]) -> tuple[Fitted, ...]:
    """The features by name with what of their tallies is kept."""
    return tuple(_settled(name, feature, tallies.get(name)) for name, feature in features.items())


def training_matrix(fitted: Sequence[Fitted], data: Dataset, encoding: Encoding, seed: int) -> Matrix:
    """The rows for training, in the order of `Featuriser(fitted).names`, with rates learned from other rows only."""
    matrix = Featuriser(fitted).matrix(data.facts)
    parts = list(_folds(data, seed) if encoding == "folds" else _blocks(data))
    for column, each in enumerate(fitted):
        if isinstance(each.feature, Rate):
            levels = Levels([key_of(each.feature.facts, facts) for facts in data.facts])
            for part in parts:
                matrix[part.encoded, column] = levels.rates(part, each.feature)
        elif isinstance(each.feature, Seen):
            matrix[:, column] = log_one_less(matrix[:, column])
    return matrix


def matrix_of_new(fitted: Sequence[Fitted], data: Dataset) -> Matrix:
    """The rows of training as serving would see them, were they new: what was seen once is not known then.

    What is spread as this is what live values are compared with. The training matrix will not do: it has another rate
    for the same value in each fold.
    """
    served = [
        structs.replace(each, table=frequent(each.table, SEEN_ROWS))
        if isinstance(each.feature, Rate) and each.table is not None
        else each
        for each in fitted
    ]
    matrix = Featuriser(served).matrix(data.facts)
    for column, each in enumerate(fitted):
        if isinstance(each.feature, Seen):
            matrix[:, column] = log_one_less(matrix[:, column])
    return matrix


def log_one_less(logarithms: Matrix) -> Matrix:
    """log(1 + n - 1) of log(1 + n), and 0 of 0."""
    return np.log(np.maximum(np.expm1(logarithms), 1.0))


def _settled(name: str, feature: Feature, table: RateTable | None) -> Fitted:
    if table is None:
        return Fitted(name, feature)
    match feature:
        case Category():
            return Fitted(name, feature, vocabulary=_vocabulary(feature, table))
        case Rate():
            return Fitted(name, feature, table=frequent(table, feature.min_rows))
        case _:
            return Fitted(name, feature, table=frequent(table, SEEN_ROWS))


def _vocabulary(feature: Category, table: RateTable) -> tuple[Key, ...]:
    missing = (None,) * len(feature.facts)
    kept = (each.key for each in table.levels[-1] if each.rows >= feature.min_rows and each.key != missing)
    return tuple(islice(kept, feature.max_values))


class Levels:
    """The keys of rows as numbers, level by level, so that rates of parts of the rows are quickly counted."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._codes: list[NDArray[np.intp]] = []
        self._parents: list[NDArray[np.intp]] = []
        above = np.zeros(len(keys), dtype=np.intp)
        for length in range(1, len(keys[0]) + 1):
            numbers: dict[Key, int] = {}
            codes = np.array([numbers.setdefault(key[:length], len(numbers)) for key in keys], dtype=np.intp)
            parents = np.zeros(len(numbers), dtype=np.intp)
            parents[codes] = above
            self._codes.append(codes)
            self._parents.append(parents)
            above = codes

    def rates(self, part: Part, feature: Rate) -> NDArray[np.float64]:
        """The rates of a part, as `Featuriser` would give them from a table of the rows it learns from."""
        rates = np.array([smoothed(float(len(part.learned)), float(part.labels.sum()), *NOTHING_SEEN)])
        weight = prior_rows(feature.prior_positives, float(rates[0]))
        for codes, parents in zip(self._codes, self._parents, strict=True):
            rows = np.bincount(codes[part.learned], minlength=len(parents)).astype(np.float64)
            positives = np.bincount(codes[part.learned], part.labels, minlength=len(parents)).astype(np.float64)
            above = rates[parents]
            kept = rows >= max(feature.min_rows, 1)
            rates = np.where(kept, smoothed(rows, positives, above, weight), above)
        return rates[self._codes[-1][part.encoded]]


def _folds(data: Dataset, seed: int) -> Iterator[Part]:
    fold = np.random.default_rng(seed).permutation(len(data)) % FOLDS
    for number in range(min(FOLDS, len(data))):
        others = np.flatnonzero(fold != number)
        yield Part(np.flatnonzero(fold == number), others, data.labels[others])


def _blocks(data: Dataset) -> Iterator[Part]:
    """Blocks of rows in time, each with all earlier rows and the labels that were known when the block began."""
    for block in np.array_split(np.arange(len(data)), min(BLOCKS, len(data))):
        start_ms = data.at_ms[block[0]]
        before = np.flatnonzero(data.at_ms < start_ms)
        yield Part(block, before, data.labels[before] * (data.known_ms[before] < start_ms))
