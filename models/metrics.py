"""How good probabilities are, as numbers; rows weigh as many rows as they stand for."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from models.figures import Metrics

Floats = NDArray[np.float64]

_SMALLEST = 1e-9


class Interval(NamedTuple):
    """Ends of a 95 % interval."""

    low: float
    high: float


class Outcomes(NamedTuple):
    """What was predicted and what came, row by row."""

    probabilities: Floats
    labels: Floats
    weights: Floats


def measure(outcomes: Outcomes, resamples: int = 1000, seed: int = 1) -> Metrics:
    """All figures, with intervals from `resamples` bootstrap samples."""
    labels = outcomes.labels
    ratio = predicted_over_actual(outcomes)
    return Metrics(
        auc=auc(outcomes),
        auc_interval=auc_interval(outcomes, resamples, seed),
        log_loss=log_loss(outcomes),
        normalised_entropy=normalised_entropy(outcomes),
        predicted_over_actual=ratio,
        predicted_over_actual_interval=None if ratio is None else _ratio_interval(ratio, int(labels.sum())),
        rows=len(labels),
        positives=int(labels.sum()),
    )


def auc(outcomes: Outcomes) -> float | None:
    """How often a positive has the higher probability of a positive and a negative; ties count half."""
    ranking = _ranking(outcomes.probabilities)
    return _auc(ranking, outcomes.weights * outcomes.labels, outcomes.weights * (1 - outcomes.labels))


def auc_interval(outcomes: Outcomes, resamples: int, seed: int) -> Interval | None:
    """The middle 95 % of the AUC over bootstrap samples of positives and of negatives, each as many as there are."""
    positive, negative = np.flatnonzero(outcomes.labels > 0), np.flatnonzero(outcomes.labels == 0)
    if not (len(positive) and len(negative) and resamples):
        return None
    chance = np.random.default_rng(seed)
    ranking = _ranking(outcomes.probabilities)
    found = []
    for _ in range(resamples):
        counts = np.zeros(len(outcomes.labels))
        for rows in (positive, negative):
            counts[rows] = np.bincount(chance.integers(len(rows), size=len(rows)), minlength=len(rows))
        weights = counts * outcomes.weights
        found.append(_auc(ranking, weights * outcomes.labels, weights * (1 - outcomes.labels)))
    low, high = np.quantile([each for each in found if each is not None], [0.025, 0.975])
    return Interval(float(low), float(high))


def log_loss(outcomes: Outcomes) -> float:
    """The mean of -log of the probability of what came."""
    bounded = np.clip(outcomes.probabilities, _SMALLEST, 1 - _SMALLEST)
    losses = -np.where(outcomes.labels > 0, np.log(bounded), np.log1p(-bounded))
    return float((outcomes.weights * losses).sum() / outcomes.weights.sum())


def normalised_entropy(outcomes: Outcomes) -> float | None:
    """Log loss over the entropy of the rate of these rows (He et al. 2014); `None` where all labels are the same."""
    rate = float((outcomes.weights * outcomes.labels).sum() / outcomes.weights.sum())
    if not 0 < rate < 1:
        return None
    return log_loss(outcomes) / -(rate * float(np.log(rate)) + (1 - rate) * float(np.log1p(-rate)))


def predicted_over_actual(outcomes: Outcomes) -> float | None:
    """The positives that were expected over those that came."""
    actual = float((outcomes.weights * outcomes.labels).sum())
    return float((outcomes.weights * outcomes.probabilities).sum()) / actual if actual else None


def calibration_bins(outcomes: Outcomes, bins: int) -> list[tuple[float, float, int, int]]:
    """Mean probability, rate, positives and rows of rows in bins of equal expected positives, lowest first."""
    order = np.argsort(outcomes.probabilities, kind="stable")
    expected = np.cumsum((outcomes.weights * outcomes.probabilities)[order])
    edges = np.searchsorted(expected, np.linspace(0, expected[-1], bins + 1)[1:-1])
    return [_bin(outcomes, rows) for rows in np.split(order, np.unique(edges)) if len(rows)]


def select(outcomes: Outcomes, rows: Sequence[int] | NDArray[np.intp]) -> Outcomes:
    """Some of the rows."""
    return Outcomes(*(each[rows] for each in outcomes))


def _bin(outcomes: Outcomes, rows: NDArray[np.intp]) -> tuple[float, float, int, int]:
    probabilities, labels, weights = select(outcomes, rows)
    whole = float(weights.sum())
    return (
        float((weights * probabilities).sum()) / whole,
        float((weights * labels).sum()) / whole,
        int(labels.sum()),
        len(rows),
    )


def _ranking(scores: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order of rows by score, and where each run of equal scores starts in it."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    return order, np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def _auc(ranking: tuple[NDArray[np.intp], NDArray[np.intp]], positives: Floats, negatives: Floats) -> float | None:
    order, starts = ranking
    above = np.add.reduceat(positives[order], starts)
    below = np.add.reduceat(negatives[order], starts)
    pairs = above.sum() * below.sum()
    if not pairs:
        return None
    return float((above * (np.cumsum(below) - below / 2)).sum() / pairs)


def poisson_interval(counts: Floats) -> tuple[Floats, Floats]:
    """Garwood's exact 95 % intervals of the means of Poisson counts."""
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1), 0.025), 0.0)
    return low, gammaincinv(counts + 1, 0.975)


def _ratio_interval(ratio: float, positives: int) -> Interval:
    """The interval of a Poisson count, turned into one of predicted over actual."""
    (low,), (high,) = poisson_interval(np.array([float(positives)]))
    return Interval(float(ratio * positives / high), float(ratio * positives / low))
