"""How likely the wanted outcome is: what the engine asks of a predictor, and the one that always says the same."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from bidder.auction.offer import Candidate
from bidder.config.schema import Goal, Prediction

PPB = 1_000_000_000

Facts = Mapping[str, str | int | float | None]
"""What is known of a request and one imp when it is scored; recorded with the bid, so that training reads the same."""


class Predictor(Protocol):
    """Probability of a click (goal `cpc`) or conversion (`cpa`, `value`) given an impression, in parts per billion."""

    @property
    def name(self) -> str:
        """Name and version, as recorded with each bid."""

    def ceiling(self, goal: Goal) -> int:
        """A probability that no candidate with this goal is ever given more than."""

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        """One probability for each candidate."""


class FixedPredictor:
    """The same probability for every candidate, by goal: what is used until a model is live."""

    name = "fixed:1"

    def __init__(self, prediction: Prediction) -> None:
        click, conversion = _ppb(prediction.click), _ppb(prediction.conversion)
        self._by_goal = {"cpm": PPB, "cpc": click, "cpa": conversion, "value": conversion}

    def ceiling(self, goal: Goal) -> int:
        return self._by_goal[goal.type]

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:  # noqa: ARG002
        by_goal = self._by_goal
        return [by_goal[candidate.line.goal] for candidate in batch]


def _ppb(share: Decimal) -> int:
    return int(share * PPB)
