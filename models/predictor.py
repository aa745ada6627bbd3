"""A model as it serves: from facts to calibrated probabilities."""

from collections.abc import Sequence
from typing import Protocol

from models.calibrate import Calibration, Floats
from models.facts import Facts
from models.features import Featuriser
from models.scorer import Scorer


class Predictor(Protocol):
    """Probabilities of an outcome, given an impression. Not to be used by two threads at once."""

    name: str
    """`NAME:VERSION`."""
    outcome: str
    """What the probability is of: see `manifest.Outcome`."""
    ceiling: float
    """A probability that no candidate exceeds."""

    def probabilities(self, request: Facts, candidates: Sequence[Facts]) -> list[float]:
        """One probability for each candidate of an imp.

        An imp may be asked about in several calls: as long as they pass the same mapping, which nobody may change
        meanwhile, its part is worked out once.
        """

    def of_rows(self, rows: Sequence[Facts]) -> Floats:
        """One probability for each row of request and candidate facts together, many at a time."""


class Model:
    """Features, a scorer and a calibration: what a version in the store holds."""

    def __init__(self, name: str, outcome: str, parts: tuple[Featuriser, Scorer, float, Calibration]) -> None:
        self.name, self.outcome = name, outcome
        self.featuriser, self.scorer, self._offset, self._calibration = parts
        self._calibrate = self._calibration.function()
        self._request: Facts | None = None
        self._known: dict[tuple[float, ...], float] = {}
        # A falling line would turn the highest score into the lowest probability; a curve always rises.
        rises = bool(self._calibration.knots) or self._calibration.slope > 0
        self.ceiling = self._calibrate(self.scorer.highest + self._offset) if rises else 1.0

    def begin(self, request: Facts) -> None:
        """Take the request facts of the candidates that follow."""
        self._request = request
        self._known = {}
        self.scorer.begin(self.featuriser.request(request))

    def probabilities(self, request: Facts, candidates: Sequence[Facts]) -> list[float]:
        """One probability for each candidate. Candidates of an imp whose rows are the same are scored once."""
        if request is not self._request:
            self.begin(request)
        score, calibrate, offset = self.scorer.score, self._calibrate, self._offset
        features, known = self.featuriser.candidate, self._known
        found: list[float] = []
        for candidate in candidates:
            row = tuple(features(request, candidate))
            probability = known.get(row)
            if probability is None:
                probability = known[row] = calibrate(score(row) + offset)
            found.append(probability)
        return found

    def of_rows(self, rows: Sequence[Facts]) -> Floats:
        """One probability for each row, in one call of the scorer."""
        return self.of_matrix(self.featuriser.matrix(rows))

    def of_matrix(self, matrix: Floats) -> Floats:
        """The same for rows that are floats already."""
        return self._calibration.probabilities(self.scorer.scores(matrix) + self._offset)


class Product:
    """The probability of a conversion as that of a click times that of a conversion after a click."""

    outcome = "conversion"

    def __init__(self, click: Predictor, conversion_after_click: Predictor) -> None:
        """Raises `ValueError` where the models predict other outcomes."""
        found = click.outcome, conversion_after_click.outcome
        if found != ("click", "conversion_after_click"):
            raise ValueError(f"a product is of click and conversion_after_click, found {' and '.join(found)}")
        self._factors = click, conversion_after_click
        self.name = f"{click.name}*{conversion_after_click.name}"
        self.ceiling = click.ceiling * conversion_after_click.ceiling

    def probabilities(self, request: Facts, candidates: Sequence[Facts]) -> list[float]:
        first, second = (factor.probabilities(request, candidates) for factor in self._factors)
        return [click * conversion for click, conversion in zip(first, second, strict=True)]

    def of_rows(self, rows: Sequence[Facts]) -> Floats:
        first, second = (factor.of_rows(rows) for factor in self._factors)
        return first * second
