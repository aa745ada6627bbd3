"""A LightGBM model of 100 trees with 31 leaves over the features of a bidder's own log, learned from a made-up world.

What it predicts means nothing; what it costs is what a model of that size costs, with every feature read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from models.dataset.rows import NEVER_MS, Dataset
from models.facts import Fact
from models.manifest import Lineage, Outcome
from models.recipe import read_recipe
from models.store import Store
from models.train import Task, train

TREES: Final = 100
LEAVES: Final = 31
CLICK: Final = "bench-ctr"
CONVERSION: Final = "bench-cvr"
VERSIONS: Final[tuple[tuple[str, Outcome, str], ...]] = (
    (CLICK, "click", "1"),
    (CLICK, "click", "2"),
    (CONVERSION, "conversion", "1"),
)
ROWS: Final = 8_000
_DAY_MS = 86_400_000
_FIRST_MS = 1_773_144_000_000
_WORDS: Final = {
    "exchange": ("plain26", "demo", "prebid"),
    "environment": ("site", "app"),
    "publisher": ("8953", "p1", "p2", "p3"),
    "domain": ("www.example-news.com", "news.example", "sport.example", "games.example"),
    "tagid": ("home-top", "side", "article", "footer"),
    "size": ("300x250", "728x90", "320x50"),
    "position": ("1", "3"),
    "device_type": ("2", "4", "5"),
    "os": ("macos", "windows", "android", "ios"),
    "browser": ("chrome", "safari", "firefox"),
    "connection": ("2", "6"),
    "country": ("USA", "GBR", "DEU"),
    "region": ("NY", "CA", "TX"),
    "city": ("New York", "Los Angeles", "Houston"),
    "format": ("banner", "video", "native"),
}


def store_of_models(root: Path) -> Path:
    """A store with a model of clicks in two versions, to serve one and swap to the other, and one of conversions.

    Raises `ValueError` where a model has another size.
    """
    store = Store(root)
    for number, (name, outcome, version) in enumerate(VERSIONS):
        files = _learned(name, outcome, _world(number))
        store.add(name, version, files)
    promote(root, CLICK, "1")
    promote(root, CONVERSION, "1")
    return root


def promote(root: Path, name: str, version: str) -> None:
    """Let a version answer, as a deploy tool would."""
    aside = root / name / ".champion"
    aside.write_text(f"{version}\n")
    aside.replace(root / name / "champion")


def _learned(name: str, outcome: Outcome, data: Dataset) -> Mapping[str, bytes]:
    recipe = read_recipe("events")
    # slow learning of a strong signal: every tree up to the last still helps, so that none is left out
    wanted = msgspec.structs.replace(
        recipe, rounds=TREES, leaves=LEAVES, learning_rate=0.02, min_leaf_rows=5, delay_correction=False
    )
    task = Task(name, outcome, wanted, data, None, int(data.at_ms[-1]), 50, plots=False)
    trained = train(task, Lineage(parent=None, command="", commit=None, data={}, recipe={}), lambda *_: None)
    _check(trained.files["model.txt"])
    return trained.files


def _check(text: bytes) -> None:
    trees = text.count(b"\nTree=")
    leaves = {int(line.partition(b"=")[2]) for line in text.splitlines() if line.startswith(b"num_leaves=")}
    if trees != TREES or leaves != {LEAVES}:
        raise ValueError(f"{TREES} trees of {LEAVES} leaves are wanted, {trees} of {sorted(leaves)} were learned")


def _world(seed: int) -> Dataset:
    """A row of each auction: words drawn evenly, campaigns of the bench template, and a chance that depends on all."""
    chance = np.random.default_rng(seed)
    columns = {name: chance.integers(len(words), size=ROWS) for name, words in _WORDS.items()}
    campaigns, hours = chance.integers(1000, size=ROWS), chance.integers(24, size=ROWS)
    score = sum(np.sin(3.0 * column + index) for index, column in enumerate(columns.values()))
    truth = 1 / (1 + np.exp(-(0.8 * score + 0.004 * (campaigns % 500) + 0.05 * hours - 2.0)))
    hits = (chance.random(ROWS) < truth).astype(np.float64)
    at = _FIRST_MS + (np.arange(ROWS) * (2 * _DAY_MS / ROWS)).astype(np.int64)
    facts: list[dict[str, Fact]] = [
        {name: words[columns[name][row]] for name, words in _WORDS.items()}
        | {"campaign": f"c{campaigns[row]:06d}", "creative": f"k{campaigns[row] % 3}", "hour": int(hours[row])}
        | {"bidfloor": float(hours[row] % 7) / 3, "viewability": float(hours[row] % 5) / 5, "at_ms": int(at[row])}
        | {"weekday": int(at[row] // _DAY_MS % 7), "interstitial": 0, "frequency": int(hours[row] % 4)}
        for row in range(ROWS)
    ]
    return Dataset(
        facts=facts, labels=hits, at_ms=at, known_ms=np.where(hits > 0, at, NEVER_MS), sources={"world": "0" * 64}
    )
