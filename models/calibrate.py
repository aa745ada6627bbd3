"""From the score of a model (log-odds) to a probability that comes true as often as it says.

Platt scaling is a line in log-odds, held near identity where there are few positives; isotonic regression is a rising
curve through block means, for when there are many. Which one serves is decided on rows that the model did not see.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import exp, log
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["none", "platt", "isotonic"]

ISOTONIC_POSITIVES = 500
"""Fewer positives than these draw no curve worth having."""

_SMALLEST = 1e-9
_RIDGE = 5.0
_NEWTON_STEPS = 50


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """How scores become probabilities. With `knots` a rising curve in log-odds, straight between them; else a line."""

    method: Method = "none"
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()
    """Score and log-odds, both rising; beyond the ends the curve is level."""

    def probabilities(self, scores: Floats) -> Floats:
        """The probability of each score."""
        return logistics(self._odds(scores))

    def _odds(self, scores: Floats) -> Floats:
        if self.knots:
            across, up = np.array(self.knots).T
            above = np.searchsorted(across, scores, side="right").clip(max=len(up) - 1)
            odds: Floats = np.minimum(np.interp(scores, across, up), up[above])
            return odds
        return self.slope * scores + self.intercept

    def function(self) -> Callable[[float], float]:
        """The same for one score, fast."""
        if self.knots:
            return _curve(self.knots)
        slope, intercept = self.slope, self.intercept
        return lambda score: logistic(slope * score + intercept)


def logistic(odds: float) -> float:
    """The probability of log-odds; exact at both ends."""
    if odds >= 0:
        return 1.0 / (1.0 + exp(-odds))
    power = exp(odds)
    return power / (1.0 + power)


def logistics(odds: Floats) -> Floats:
    """The same for many."""
    powers: Floats = np.exp(-np.abs(odds))
    return np.where(odds >= 0, 1.0, powers) / (1.0 + powers)


def log_odds(probability: float) -> float:
    """The log-odds of a probability strictly between 0 and 1."""
    return log(probability) - log(1.0 - probability)


def undo_downsampling(probability: float, negative_rate: float) -> float:
    """The probability where all negatives count, of one learned from a share of them: p / (p + (1 - p) / rate).

    In log-odds this is the addition of log(rate) (He et al. 2014, section 6.3).
    """
    return probability / (probability + (1.0 - probability) / negative_rate)


def platt(scores: Floats, labels: Floats, weights: Floats) -> Calibration:
    """The line that makes the labels most likely, drawn to identity with the weight of a few positives.

    Newton's method; a step is halved until it lowers the loss, since far from the optimum a whole one may overshoot.
    """
    identity, pull = np.array([1.0, 0.0]), np.array([_RIDGE, 0.0])
    design = np.column_stack([scores, np.ones(len(scores))])

    def loss(line: Floats) -> float:
        penalty = float((pull * (line - identity) ** 2).sum()) / 2
        return _loss(logistics(design @ line), labels, weights) + penalty

    line, least = identity, loss(identity)
    for _ in range(_NEWTON_STEPS):
        expected = logistics(design @ line)
        gradient = design.T @ (weights * (expected - labels)) + pull * (line - identity)
        curvature = (design * (weights * expected * (1 - expected))[:, None]).T @ design + np.diag(pull + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        while loss(line - step) > least and np.abs(step).max() > _SMALLEST:
            step = step / 2
        if np.abs(step).max() <= _SMALLEST:
            break
        line = line - step
        least = loss(line)
    slope, intercept = line.tolist()
    return Calibration("platt", slope, intercept)


def isotonic(scores: Floats, labels: Floats, weights: Floats) -> Calibration:
    """The rising curve nearest to the labels (pool adjacent violators), through the centre of each block."""
    order = np.argsort(scores, kind="stable")
    blocks: list[tuple[float, float, float]] = []  # weight, sum of weighted labels, sum of weighted scores
    for weight, label, score in zip(weights[order], labels[order], scores[order], strict=True):
        block = (float(weight), float(weight * label), float(weight * score))
        while blocks and blocks[-1][1] * block[0] >= block[1] * blocks[-1][0]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    return Calibration("isotonic", knots=_rising([(score / weight, hits / weight) for weight, hits, score in blocks]))


def choose(scores: Floats, labels: Floats, weights: Floats, methods: Sequence[Method]) -> Calibration:
    """The method that predicts the later half of the rows best when fitted on the earlier, then fitted on all.

    Isotonic regression takes part from `ISOTONIC_POSITIVES` positives on. Rows are in order of time.
    """
    usable = [each for each in methods if each != "isotonic" or labels.sum() >= ISOTONIC_POSITIVES]
    half = len(scores) // 2
    early, late = slice(0, half), slice(half, None)
    losses = {}
    for method in usable if labels[early].any() and labels[late].any() else []:
        trial = _fit(method, scores[early], labels[early], weights[early])
        losses[method] = _loss(trial.probabilities(scores[late]), labels[late], weights[late])
    best = min(losses, key=lambda method: losses[method], default="none")
    return _fit(best, scores, labels, weights)


def _fit(method: str, scores: Floats, labels: Floats, weights: Floats) -> Calibration:
    fits: dict[str, Callable[[Floats, Floats, Floats], Calibration]] = {"platt": platt, "isotonic": isotonic}
    return fits[method](scores, labels, weights) if method in fits else Calibration()


def _loss(probabilities: Floats, labels: Floats, weights: Floats) -> float:
    bounded = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
    return float(-(weights * np.where(labels > 0, np.log(bounded), np.log1p(-bounded))).sum())


def _rising(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Knots in log-odds: both coordinates strictly rising, probabilities kept off 0 and 1."""
    knots: list[tuple[float, float]] = []
    for score, rate in points:
        odds = log_odds(min(max(rate, 1e-6), 1 - 1e-6))
        if not knots or (score > knots[-1][0] and odds > knots[-1][1]):
            knots.append((score, odds))
    return tuple(knots)


def _curve(knots: tuple[tuple[float, float], ...]) -> Callable[[float], float]:
    across = [score for score, _ in knots]
    up = [odds for _, odds in knots]

    def probability(score: float) -> float:
        place = bisect_right(across, score)
        if place == 0:
            return logistic(up[0])
        if place == len(across):
            return logistic(up[-1])
        slope = (up[place] - up[place - 1]) / (across[place] - across[place - 1])
        return logistic(min(slope * (score - across[place - 1]) + up[place - 1], up[place]))  # rounding may exceed it

    return probability
