"""Whether the values that a model sees are still those that it learned from: feature by feature, source by source.

A source is where rows come from, such as an exchange. Rows of a source that training knew well are compared with the
rows of that source in the parity file, others with the sketch of all training rows in the manifest.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

import numpy as np
from msgspec import Struct

from models.calibrate import Floats
from models.facts import Facts
from models.features import Featuriser
from models.features.kinds import Category, Seen
from models.sketch import Sketch, population_stability, sketch

LEAST_ROWS = 200
LEAST_TRAINED = 100
"""Parity rows of a source, below which it is compared with all sources together."""

REMEMBERED = 2000
"""Rows of a source: the last ones."""

MOST_SOURCES = 50
ALARM = 0.25
"""A population stability index above this is another population (a rule of thumb of credit scoring)."""

UNSEEN_MORE = 0.1
"""How much larger the share of values that training did not see may be."""

SIGMAS = 4.0


class Drift(Struct, frozen=True):
    """How far the values of one feature have moved in one source."""

    feature: str
    source: str
    rows: int
    psi: float
    """Population stability index of the last rows against training."""
    unseen: float | None
    """Share of rows with a value that training did not see; None where the feature cannot tell."""
    unseen_trained: float | None
    alarm: bool


class Basis(Struct, frozen=True):
    """What training saw of one source, or of all."""

    rows: int
    sketches: Mapping[str, Sketch]
    unseen: Mapping[str, float]


class Watch:
    """Compares the last rows of each source with training."""

    def __init__(self, featuriser: Featuriser, sketches: Mapping[str, Sketch], trained: Sequence[Facts]) -> None:
        """`trained` are the facts of the parity rows."""
        self._featuriser = featuriser
        self._tells = [isinstance(each.feature, Category | Seen) for each in featuriser.fitted]
        matrix = featuriser.matrix(trained)
        self._all = Basis(len(matrix), sketches, self._unseen(matrix))
        self._bases = {source: self._basis(matrix, trained, source) for source in _known_well(trained)}
        self._rows: dict[str, deque[list[float]]] = {}

    def see(self, source: str, facts: Facts) -> None:
        """Take in a row that was shown."""
        if source not in self._rows and len(self._rows) >= MOST_SOURCES:
            return
        self._rows.setdefault(source, deque(maxlen=REMEMBERED)).append(self._featuriser.row(facts))

    def drifts(self) -> Iterator[Drift]:
        """Every feature of every source with enough rows."""
        for source, rows in self._rows.items():
            if len(rows) >= LEAST_ROWS:
                yield from self._of(source, np.array(rows))

    def _of(self, source: str, matrix: Floats) -> Iterator[Drift]:
        basis = self._bases.get(source, self._all)
        unseen = self._unseen(matrix)
        for column, name in enumerate(self._featuriser.names):
            trained = basis.sketches.get(name)
            if trained is None:
                continue
            psi = population_stability(trained, matrix[:, column])
            here, there = unseen.get(name), basis.unseen.get(name)
            # Samples of one population differ, too: on average by a part for each bin and row (Yurdakul 2018).
            chance = (len(trained.shares) + 1) * (1 / len(matrix) + 1 / max(basis.rows, 1))
            alarm = psi > ALARM + 2 * chance or _more(here, there, len(matrix), basis.rows)
            yield Drift(name, source, len(matrix), psi, here, there, alarm)

    def _basis(self, matrix: Floats, trained: Sequence[Facts], source: str) -> Basis:
        chosen = matrix[[facts.get("exchange") == source for facts in trained]]
        spread = {name: sketch(chosen[:, column]) for column, name in enumerate(self._featuriser.names)}
        return Basis(len(chosen), spread, self._unseen(chosen))

    def _unseen(self, matrix: Floats) -> dict[str, float]:
        names = self._featuriser.names
        return {names[column]: float((matrix[:, column] == 0).mean()) for column in np.flatnonzero(self._tells)}


def _known_well(trained: Sequence[Facts]) -> list[str]:
    counts: dict[str, int] = {}
    for facts in trained:
        source = facts.get("exchange")
        if isinstance(source, str):
            counts[source] = counts.get(source, 0) + 1
    return [source for source, count in counts.items() if count >= LEAST_TRAINED]


def _more(here: float | None, there: float | None, rows: int, trained: int) -> bool:
    if here is None or there is None:
        return False
    pooled = (here * rows + there * trained) / (rows + trained)
    return here - there > UNSEEN_MORE + SIGMAS * sqrt(pooled * (1 - pooled) * (1 / rows + 1 / max(trained, 1)))
