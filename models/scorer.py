"""What turns a row of floats into log-odds: trees, a smoothed rate with a bonus for the unknown, or a constant.

A scorer takes the request's part of a row once and each candidate's part in turn. Its text is the model file.
"""

from collections.abc import Sequence
from math import expm1
from struct import Struct as Packing
from typing import Literal, Protocol, TypeAlias

import msgspec
import numpy as np
from msgspec import Struct

from models.booster import Booster
from models.calibrate import Floats, log_odds
from models.errors import ModelError

Kind: TypeAlias = Literal["lightgbm", "rates", "constant"]

_LEAST, _MOST = 1e-9, 1 - 1e-9


class Scorer(Protocol):
    """Log-odds for rows; not to be used by two threads at once."""

    highest: float
    """Log-odds that no row exceeds."""

    def begin(self, request: Sequence[float]) -> None:
        """Take the request's part of the rows that follow."""

    def score(self, candidate: Sequence[float]) -> float:
        """The log-odds of the row that the request's part and this make."""

    def scores(self, rows: Floats) -> Floats:
        """The log-odds of whole rows."""


class Trees:
    """LightGBM's trees; the row is written once into the buffer that LightGBM reads."""

    def __init__(self, text: str, request_width: int) -> None:
        booster = Booster(text)
        self.booster = booster
        self.highest = booster.highest
        self.scores = booster.scores
        self._row, self._score = booster.row, booster.score
        self._offset = request_width * 8
        self._request = Packing(f"{request_width}d").pack_into
        self._candidate = Packing(f"{max(booster.width - request_width, 0)}d").pack_into

    def begin(self, request: Sequence[float]) -> None:
        self._request(self._row, 0, *request)

    def score(self, candidate: Sequence[float]) -> float:
        self._candidate(self._row, self._offset, *candidate)
        return self._score()


class RateSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a model of smoothed rates. Its row is a rate and log(1 + rows) behind it.

    What is little known is worth trying: the rate is raised by the share `bonus` where no rows are behind it, and by
    `bonus * half_rows / (half_rows + rows)` with them, so that the price of trying shrinks as it is paid.
    """

    bonus: float = 0.0
    half_rows: float = 200.0


class Rates:
    """A smoothed rate with its bonus."""

    def __init__(self, text: str) -> None:
        settings = msgspec.json.decode(text, type=RateSettings)
        self._bonus, self._half_rows = settings.bonus, settings.half_rows
        self._request: list[float] = []
        self.highest = log_odds(_MOST)

    def begin(self, request: Sequence[float]) -> None:
        self._request = list(request)

    def score(self, candidate: Sequence[float]) -> float:
        rate, seen = (*self._request, *candidate)
        raised = rate * (1 + self._bonus * self._half_rows / (self._half_rows + expm1(seen)))
        return log_odds(min(max(raised, _LEAST), _MOST))

    def scores(self, rows: Floats) -> Floats:
        self.begin([])
        return np.array([self.score(row) for row in rows.tolist()])


class ConstantSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a model that always says the same."""

    probability: float


class Constant:
    """The same log-odds for every row."""

    def __init__(self, text: str) -> None:
        self.highest = log_odds(min(max(msgspec.json.decode(text, type=ConstantSettings).probability, _LEAST), _MOST))

    def begin(self, request: Sequence[float]) -> None:
        """Nothing of the request matters."""

    def score(self, candidate: Sequence[float]) -> float:  # noqa: ARG002
        return self.highest

    def scores(self, rows: Floats) -> Floats:
        return np.full(len(rows), self.highest)


def scorer(kind: Kind, text: str, request_width: int) -> Scorer:
    """The scorer of a model file. Raises `ModelError` where the text is not of this kind."""
    try:
        match kind:
            case "lightgbm":
                return Trees(text, request_width)
            case "rates":
                return Rates(text)
            case "constant":
                return Constant(text)
    except msgspec.DecodeError as error:
        raise ModelError(f"the model file is not of the kind {kind}: {error}") from error
