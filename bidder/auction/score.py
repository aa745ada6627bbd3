"""How likely the wanted outcome is: what the engine asks, and who answers: models, or else fixed probabilities.

A request is scored by one predictor from beginning to end. Models speak in floats; they become integers, parts per
billion, once and here, and are cut to the ceiling by which lines were sorted, so that stopping early stays exact.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Final, Literal, Protocol, TypeAlias

import msgspec

import models.predictor
from bidder.auction.offer import Candidate
from bidder.config.schema import Goal, Prediction

PPB = 1_000_000_000

GoalType: TypeAlias = Literal["cpm", "cpc", "cpa", "value"]
GOALS: Final[tuple[GoalType, ...]] = ("cpm", "cpc", "cpa", "value")

Facts = Mapping[str, str | int | float | None]
"""What is known of a request and one imp when it is scored; recorded with the bid, so that training reads the same."""


class Tally(msgspec.Struct):
    """What a predictor was asked for; every number only grows."""

    requests: int = 0
    """Requests that it was chosen for."""
    late: int = 0
    """Of those that would have been bid on, those given up since the deadline had passed."""


class Predictor(Protocol):
    """Probability of a click (goal `cpc`) or conversion (`cpa`, `value`) given an impression, in parts per billion."""

    tally: Tally

    def name(self, goal: GoalType) -> str:
        """Name and version of what answers for a goal, as recorded with each bid; "" where a goal needs no answer."""

    def ceiling(self, goal: Goal) -> int:
        """A probability that no candidate with this goal is ever given more than."""

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        """One probability for each candidate. `facts` does not change afterwards."""


class FixedPredictor:
    """The same probability for every candidate, by goal: what is used where no model is live."""

    def __init__(self, prediction: Prediction, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        click, conversion = _ppb(prediction.click), _ppb(prediction.conversion)
        self._by_goal: dict[GoalType, int] = {"cpm": PPB, "cpc": click, "cpa": conversion, "value": conversion}

    def name(self, goal: GoalType) -> str:
        return "" if goal == "cpm" else "fixed:1"

    def ceiling(self, goal: Goal) -> int:
        return self._by_goal[goal.type]

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:  # noqa: ARG002
        by_goal = self._by_goal
        return [by_goal[candidate.line.goal] for candidate in batch]


class Estimate:
    """One model as the auction asks it."""

    def __init__(self, model: models.predictor.Predictor) -> None:
        self.name = model.name
        self.ceiling_ppb = min(ceil(model.ceiling * PPB), PPB)
        self._of = model.probabilities

    def probabilities(self, facts: Facts, candidates: Sequence[Facts]) -> list[int]:
        """One for each candidate."""
        most = self.ceiling_ppb
        # Not a number compares as false, and is worth nothing.
        return [min(int(each * PPB), most) if each >= 0 else 0 for each in self._of(facts, candidates)]


class ModelPredictor:
    """Models for the goals that have one, fixed probabilities for the others."""

    def __init__(
        self, estimates: Mapping[GoalType, Estimate], fixed: FixedPredictor, tally: Tally | None = None
    ) -> None:
        self.tally = tally or Tally()
        self._estimates = estimates
        self._fixed = fixed

    def name(self, goal: GoalType) -> str:
        estimate = self._estimates.get(goal)
        return estimate.name if estimate is not None else self._fixed.name(goal)

    def ceiling(self, goal: Goal) -> int:
        estimate = self._estimates.get(goal.type)
        return estimate.ceiling_ppb if estimate is not None else self._fixed.ceiling(goal)

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        if len(batch) == 1:  # as most are
            answering = self._estimates.get(batch[0].line.goal)
            if answering is not None:
                return answering.probabilities(facts, [batch[0].facts])
        found = list(self._fixed.probabilities(facts, batch))
        for goal, estimate in self._estimates.items():
            places = [place for place, candidate in enumerate(batch) if candidate.line.goal == goal]
            if places:
                scored = estimate.probabilities(facts, [batch[place].facts for place in places])
                for place, probability in zip(places, scored, strict=True):
                    found[place] = probability
        return found


class Remembering:
    """A predictor whose word on each campaign is kept, for when there is no time to ask it."""

    SMOOTHING = 4
    """Each word moves what is kept by a sixteenth (2 ** -4) of the way."""

    def __init__(self, predictor: Predictor) -> None:
        self.tally, self.name, self.ceiling = predictor.tally, predictor.name, predictor.ceiling
        self.said: dict[str, int] = {}
        """By campaign, parts per billion."""
        self._predictor = predictor

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        found = self._predictor.probabilities(facts, batch)
        said = self.said
        for candidate, probability in zip(batch, found, strict=True):
            campaign = candidate.line.id
            kept = said.get(campaign, probability)
            said[campaign] = kept + (probability - kept >> self.SMOOTHING)
        return found


class LastWord:
    """What a predictor said of each campaign last, in place of asking it; before it said anything, what is fixed."""

    def __init__(self, source: Remembering, fixed: FixedPredictor, tally: Tally) -> None:
        self.tally, self.ceiling = tally, source.ceiling
        self._source, self._fixed = source, fixed

    def name(self, goal: GoalType) -> str:
        return f"last:{self._source.name(goal)}" if goal != "cpm" else ""

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        said, ceiling = self._source.said, self.ceiling
        fixed = self._fixed.probabilities(facts, batch)
        return [
            said.get(each.line.id, min(other, ceiling(each.line.campaign.goal)))
            for each, other in zip(batch, fixed, strict=True)
        ]


def _ppb(share: Decimal) -> int:
    return int(share * PPB)
