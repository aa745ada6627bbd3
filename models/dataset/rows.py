"""Rows to learn from: facts and outcomes in order of time, whatever they were read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.errors import DataError
from models.facts import Facts

NEVER_MS = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows in order of time; arrays have one entry for each."""

    facts: Sequence[Facts]
    labels: NDArray[np.float64]
    """1 where the wanted outcome is known, else 0."""
    at_ms: NDArray[np.int64]
    """When the facts were."""
    known_ms: NDArray[np.int64]
    """When the outcome became known; `NEVER_MS` for negatives."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of what was read, by file name."""
    negative_rate: float = 1.0
    """The share of negatives that was kept: each stands for `1 / negative_rate`."""
    form: str = "events"
    """What kind of rows these are: the name of the recipe that suits them."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Facts that must not be learned from, and why."""

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def positives(self) -> int:
        """Rows with the wanted outcome."""
        return int(self.labels.sum())

    @property
    def weights(self) -> NDArray[np.float64]:
        """How many rows each row stands for."""
        return np.where(self.labels > 0, 1.0, 1.0 / self.negative_rate)

    def take(self, indexes: NDArray[np.intp]) -> "Dataset":
        """Some of the rows, in the order of `indexes`, which must keep the order of time."""
        return replace(
            self,
            facts=[self.facts[index] for index in indexes.tolist()],
            labels=self.labels[indexes],
            at_ms=self.at_ms[indexes],
            known_ms=self.known_ms[indexes],
        )

    def slice(self, start: int, stop: int) -> "Dataset":
        """The rows from `start` up to `stop`, earliest first."""
        return self.take(np.arange(*slice(start, stop).indices(len(self)), dtype=np.intp))

    def trusting(self, facts: Sequence[str]) -> "Dataset":
        """The same rows where some facts may be learned from whatever they look like."""
        return replace(self, withheld={name: why for name, why in self.withheld.items() if name not in facts})

    def downsampled(self, negative_rate: float) -> "Dataset":
        """The same rows, known to hold this share of the negatives that there were."""
        return replace(self, negative_rate=self.negative_rate * negative_rate)

    def known_at(self, at_ms: int) -> "Dataset":
        """The same rows with the labels that were known at a time: later outcomes are still negatives."""
        labels = self.labels * (self.known_ms <= at_ms)
        return replace(self, labels=labels, known_ms=np.where(labels > 0, self.known_ms, NEVER_MS))


def concatenated(parts: Sequence[Dataset]) -> Dataset:
    """The rows of datasets of one form in order of time. Raises `ValueError` where there is none."""
    if not parts:
        raise ValueError("there must be a dataset to begin with")
    together = replace(
        parts[0],
        facts=[facts for part in parts for facts in part.facts],
        labels=np.concatenate([part.labels for part in parts]),
        at_ms=np.concatenate([part.at_ms for part in parts]),
        known_ms=np.concatenate([part.known_ms for part in parts]),
        sources={name: digest for part in parts for name, digest in part.sources.items()},
        withheld={name: why for part in parts for name, why in part.withheld.items()},
    )
    return together.take(np.argsort(together.at_ms, kind="stable"))


def in_order_of_time(rows: Sequence[tuple[int, int | None, Facts]], sources: Mapping[str, str], form: str) -> Dataset:
    """A dataset of (time, time of the outcome or `None`, facts). Rows of the same time keep their order.

    Raises `DataError` where there are no rows.
    """
    if not rows:
        raise DataError(f"there are no rows in {', '.join(sources) or 'the data'}")
    ordered = sorted(rows, key=lambda row: row[0])
    return Dataset(
        facts=[facts for _, _, facts in ordered],
        labels=np.array([float(known is not None) for _, known, _ in ordered]),
        at_ms=np.array([at for at, _, _ in ordered], dtype=np.int64),
        known_ms=np.array([NEVER_MS if known is None else known for _, known, _ in ordered], dtype=np.int64),
        sources=sources,
        form=form,
    )


def thinned(labels: NDArray[np.float64], keep: float, seed: int) -> NDArray[np.intp]:
    """The indexes of all positives and of a share of the negatives."""
    drawn = np.random.default_rng(seed).random(len(labels)) < keep
    return np.flatnonzero((labels > 0) | drawn)
