"""Rows of floats from facts: the request's part once, each candidate's part once."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.facts import Facts, scope_of
from models.features.encode import Encoder, Fitted, encoder

Matrix: TypeAlias = NDArray[np.float64]


class Featuriser:
    """Compiled fitted features. A row holds the features of the request first, then those of the candidate.

    Raises `KeyError` where a feature reads a fact that the catalogue does not know.
    """

    def __init__(self, fitted: Sequence[Fitted]) -> None:
        request = [each for each in fitted if scope_of(each.feature.facts) == "request"]
        candidate = [each for each in fitted if scope_of(each.feature.facts) == "candidate"]
        self.fitted = (*request, *candidate)
        self.names = tuple(each.name for each in self.fitted)
        self.request_width = len(request)
        self.candidate_width = len(candidate)
        self._request: list[Encoder] = [encoder(each) for each in request]
        self._candidate: list[Encoder] = [encoder(each) for each in candidate]

    @property
    def width(self) -> int:
        """Floats in a row."""
        return self.request_width + self.candidate_width

    def request(self, request: Facts) -> list[float]:
        """The part of the row that all candidates share."""
        return [encode(request, request) for encode in self._request]

    def candidate(self, request: Facts, candidate: Facts) -> list[float]:
        """The part of the row that is the candidate's own."""
        return [encode(request, candidate) for encode in self._candidate]

    def row(self, facts: Facts) -> list[float]:
        """The whole row of request and candidate facts in one mapping."""
        return self.request(facts) + self.candidate(facts, facts)

    def matrix(self, rows: Sequence[Facts]) -> Matrix:
        """Rows by features, in the order of `names`."""
        return np.array([self.row(facts) for facts in rows], dtype=np.float64).reshape(len(rows), self.width)
