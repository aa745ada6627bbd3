"""How the values of a feature are spread, small enough to keep in a manifest; and how far two spreads lie apart."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BINS = 10
_LEAST_SHARE = 1e-4


class Sketch(Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of rows between edges: below the first, between neighbours, from the last on; missing rows apart."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    missing: float


def sketch(values: Floats) -> Sketch:
    """Bins that hold about as many values each; features of few values get one bin for each."""
    present = values[~np.isnan(values)]
    if not len(present):
        return Sketch((), (0.0,), 1.0)
    edges = np.unique(np.quantile(present, np.linspace(0, 1, _BINS + 1)[1:-1], method="higher"))
    return Sketch(tuple(edges.tolist()), _shares(present, edges, len(values)), 1 - len(present) / len(values))


def sketches(names: Sequence[str], matrix: Floats) -> dict[str, Sketch]:
    """The sketch of every column of a matrix, by the name of its feature."""
    return {name: sketch(matrix[:, column]) for column, name in enumerate(names)}


def population_stability(trained: Sketch, values: Floats) -> float:
    """The population stability index of values against a sketch; 0 is the same spread, above 0.25 is another.

    Missing counts as a bin of its own. Raises `ValueError` where there are no values.
    """
    if not len(values):
        raise ValueError("the population stability index needs at least one value")
    present = values[~np.isnan(values)]
    live = np.array([*_shares(present, np.array(trained.edges), len(values)), 1 - len(present) / len(values)])
    then = np.array([*trained.shares, trained.missing])
    live, then = np.maximum(live, _LEAST_SHARE), np.maximum(then, _LEAST_SHARE)
    return float(((live - then) * np.log(live / then)).sum())


def _shares(present: Floats, edges: Floats, rows: int) -> tuple[float, ...]:
    places = np.searchsorted(edges, present, side="right")
    return tuple((np.bincount(places, minlength=len(edges) + 1) / rows).tolist())
