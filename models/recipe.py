"""What to train: features and settings, as a person writes them in TOML and the manifest keeps them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from models.calibrate import Method
from models.dataset.rows import Dataset
from models.errors import RecipeError
from models.features import CATALOGUE, CATEGORICAL, Feature
from models.features.fit import Encoding
from models.features.kinds import Clock
from models.scorer import Kind

_HOUR_MS = 3_600_000
_CLOCK_HOURS = {"hour": 24, "weekday": 7 * 24}

Share = Annotated[float, Meta(gt=0, le=1)]


class Recipe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one training."""

    kind: Kind = "lightgbm"
    features: tuple[str, ...] = ()
    """Names out of the catalogue. Smoothed rates go by one of them, a constant by none."""
    categorical: bool = True
    """Whether LightGBM splits categories by set; otherwise by their order, most frequent first."""
    encoding: Encoding = "folds"
    """Where the rates in training rows come from: the other folds, or the time before."""
    monotone: dict[str, Literal[-1, 1]] = {}
    """Features with which the probability may only rise (1) or fall (-1)."""
    rounds: Annotated[int, Meta(ge=1, le=5000)] = 400
    """Most trees; early stopping usually finds fewer."""
    patience: Annotated[int, Meta(ge=1)] = 40
    """Rounds without progress on later rows before training stops."""
    learning_rate: Share = 0.05
    leaves: Annotated[int, Meta(ge=2, le=1024)] = 15
    min_leaf_rows: Annotated[int, Meta(ge=1)] = 50
    min_leaf_weight: Annotated[float, Meta(ge=0)] = 1e-3
    """Least sum of p (1 - p) in a leaf: about the positives expected there."""
    l2: Annotated[float, Meta(ge=0)] = 1.0
    path_smooth: Annotated[float, Meta(ge=0)] = 0.0
    """Rows' worth of pull of every leaf to its parent."""
    feature_share: Share = 0.8
    """Features tried for each tree."""
    row_share: Share = 1.0
    """Rows used for each tree."""
    negative_rate: Share = 1.0
    """The share of negatives to train on; probabilities are corrected for it."""
    delay_correction: bool = True
    """Whether outcomes still to come are allowed for."""
    calibration: tuple[Method, ...] = ("none", "platt", "isotonic")
    """What to choose from."""
    folds: Annotated[int, Meta(ge=1, le=10)] = 3
    """Later stretches of time to stop and calibrate on, each predicted from all before it."""
    hierarchy: str | None = None
    """The rate that smoothed rates go by where no features are named: its facts from the coarsest to the finest."""
    bonus: Annotated[float, Meta(ge=0, le=10)] = 0.0
    """Of smoothed rates: by which share what was never seen is raised, so that it is tried."""
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 1

    def declared(self) -> dict[str, Feature]:
        """The features by name. Raises `RecipeError` for names out of no catalogue, and where there are too few."""
        unknown = [name for name in (*self.features, *self.monotone) if name not in CATALOGUE]
        if unknown:
            raise RecipeError(f"the catalogue has no feature called {', '.join(unknown)}")
        if self.kind != "constant" and not self.features:
            raise RecipeError(f"a model of the kind {self.kind} needs at least one feature that may be used")
        return {name: CATALOGUE[name] for name in dict.fromkeys(self.features)}

    def parameters(self, names: tuple[str, ...]) -> dict[str, object]:
        """LightGBM's parameters for the columns `names`: one thread and one order of work, so that bytes repeat."""
        return {
            "objective": "binary",
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": self.seed,
            "verbose": -1,
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_leaf_rows,
            "min_sum_hessian_in_leaf": self.min_leaf_weight,
            "lambda_l2": self.l2,
            "path_smooth": self.path_smooth,
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": int(self.row_share < 1),
            "monotone_constraints": [self.monotone.get(name, 0) for name in names],
            "max_cat_to_onehot": 4,
            "cat_smooth": 20.0,
        }

    def categories(self, names: tuple[str, ...]) -> list[int]:
        """The columns that LightGBM splits by set."""
        return [
            place for place, name in enumerate(names) if self.categorical and isinstance(CATALOGUE[name], CATEGORICAL)
        ]


RECIPES = Path(__file__).parent / "recipes"
"""The recipes that come with the package, by the name of their file."""


def read_recipe(name: str) -> Recipe:
    """A recipe of the package by its name, or a TOML file. Raises `RecipeError`, naming the file and the setting."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    known = sorted(each.stem for each in RECIPES.glob("*.toml"))
    if not name.endswith(".toml") and name not in known:
        raise RecipeError(f"expected the recipe {', '.join(known)} or a file called *.toml, found {name!r}")
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Recipe)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RecipeError(f"{path}: {error}") from error


def changed(recipe: Recipe, settings: Mapping[str, object]) -> Recipe:
    """The recipe with other settings. Raises `RecipeError`, naming the setting that cannot be so."""
    try:
        return msgspec.convert(msgspec.to_builtins(recipe) | dict(settings), Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(str(error)) from error


def usable(recipe: Recipe, data: Dataset) -> tuple[Recipe, dict[str, str]]:
    """The recipe without the features that these rows cannot teach, and why each is left out.

    These are features of facts that leak the outcome, of facts that no row has, and of a clock that the rows did not go
    round once: where each hour was seen on one day or none, an hour is a trend by another name.
    """
    span_ms = int(data.at_ms[-1] - data.at_ms[0])
    present = {name for facts in data.facts for name, value in facts.items() if value is not None}
    reasons = {name: _unusable(feature, data, present, span_ms) for name, feature in recipe.declared().items()}
    left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    kept = tuple(name for name in recipe.features if name not in left_out)
    monotone = {name: sign for name, sign in recipe.monotone.items() if name not in left_out}
    return msgspec.structs.replace(recipe, features=kept, monotone=monotone), left_out


def _unusable(feature: Feature, data: Dataset, present: set[str], span_ms: int) -> str | None:
    for fact in feature.facts:
        if fact in data.withheld:
            return f"the fact {fact} leaks the outcome: {data.withheld[fact]}"
    if not present & set(feature.facts):
        return f"no row has the fact {feature.facts[0]}"
    hours = max((hours for fact, hours in _CLOCK_HOURS.items() if fact in feature.facts), default=0)
    if isinstance(feature, Clock):
        hours = _CLOCK_HOURS["hour" if feature.part == "hour" else "weekday"]
    if span_ms < hours * _HOUR_MS:
        return f"needs rows of {hours} hours, found {span_ms / _HOUR_MS:.1f}"
    return None
