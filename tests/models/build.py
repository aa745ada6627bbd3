"""Rows with sane defaults, a small world whose truth is known, and a model trained in it."""

from pathlib import Path
from typing import Any

import numpy as np

from models.dataset.rows import NEVER_MS, Dataset
from models.facts import Fact
from models.manifest import Lineage
from models.recipe import Recipe
from models.store import Store
from models.train import Task, Trained, train

NOON_MS = 1_773_144_000_000
"""2026-03-10 12:00:00 UTC, a Tuesday."""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

LINEAGE = Lineage(parent=None, command="model train", commit=None, data={}, recipe={})
FEATURES = ("exchange_category", "tagid_rate", "campaign_rate", "campaign_x_tagid_rate", "bidfloor")
QUICK = Recipe(features=FEATURES, rounds=40, leaves=4, patience=10, folds=2)


def facts(**changes: Fact) -> dict[str, Fact]:
    """The facts of a candidate."""
    return {"exchange": "plain", "tagid": "top", "campaign": "shoes", "bidfloor": 1.0, "at_ms": NOON_MS} | changes


def rows(labels: list[float], minutes: list[int] | None = None, **columns: list[Fact]) -> Dataset:
    """A dataset with these labels, a minute apart, known at once; `columns` give facts by row."""
    at = np.array(minutes if minutes is not None else range(len(labels)), dtype=np.int64) * MINUTE_MS + NOON_MS
    hits = np.array(labels, dtype=np.float64)
    return Dataset(
        facts=[facts(**{name: values[index] for name, values in columns.items()}) for index in range(len(labels))],
        labels=hits,
        at_ms=at,
        known_ms=np.where(hits > 0, at, NEVER_MS),
        sources={"rows.csv": "0" * 64},
    )


def world(size: int = 4000, seed: int = 7, delay_min: float = 0.0) -> tuple[Dataset, np.ndarray]:
    """Rows of two days and their true probabilities: placements and campaigns matter, the exchange does not.

    With a delay, outcomes come that many minutes later on average.
    """
    chance = np.random.default_rng(seed)
    tags, campaigns = chance.integers(6, size=size), chance.integers(4, size=size)
    truth = 1 / (1 + np.exp(-(-3.5 + 0.5 * tags - 0.4 * campaigns)))
    hits = (chance.random(size) < truth).astype(np.float64)
    at = NOON_MS + (np.arange(size) * (48 * HOUR_MS / size)).astype(np.int64)
    late = (chance.exponential(max(delay_min, 1e-9), size) * MINUTE_MS * (delay_min > 0)).astype(np.int64)
    data = Dataset(
        facts=[
            facts(
                tagid=f"tag-{tag}",
                campaign=f"c-{campaign}",
                exchange=f"x-{place}",
                bidfloor=float(floor),
                at_ms=int(ms),
            )
            for tag, campaign, place, floor, ms in zip(
                tags, campaigns, chance.integers(3, size=size), chance.integers(1, 4, size=size), at, strict=True
            )
        ],
        labels=hits,
        at_ms=at,
        known_ms=np.where(hits > 0, at + late, NEVER_MS),
        sources={"world": "0" * 64},
    )
    return data, truth


def silent(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


def trained(data: Dataset, recipe: Recipe = QUICK, test: Dataset | None = None, **changes: Any) -> Trained:
    """A version of the model `ctr`, not yet in a store."""
    task = Task("ctr", "click", recipe, data, test, int(data.at_ms[-1]), 50)._replace(**changes)
    return train(task, LINEAGE, silent)


def stored(root: Path, version: Trained, number: str = "1") -> Store:
    """A store that holds the version."""
    store = Store(root)
    store.add("ctr", number, version.files)
    return store
