"""`model train`: learn a model from data, measure it on later rows, put it into the store."""

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from functools import partial
from pathlib import Path

from models import pointers
from models.command import cluster
from models.command import data as data_options
from models.command.arguments import at_least, bonus, part
from models.command.output import DONE, UNUSABLE, progress_bar, say
from models.dataset.events import ATTRIBUTION_MS
from models.dataset.rows import Dataset
from models.errors import DataError, RecipeError, RefusedError
from models.figures import Metrics
from models.manifest import Lineage, Outcome
from models.parity import MOST_ROWS
from models.recipe import Recipe, changed, read_recipe, usable
from models.store import Store
from models.train import Task, Trained, train


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    data_options.add_arguments(parser)
    parser.add_argument("--recipe", metavar="NAME|FILE.toml", help="features and settings (default: by the format)")
    parser.add_argument("--kind", choices=("lightgbm", "rates", "constant"), help="in place of the recipe's")
    parser.add_argument("--features", help="names out of the catalogue by commas, in place of the recipe's")
    parser.add_argument("--seed", type=at_least(0), help="in place of the recipe's")
    parser.add_argument(
        "--bonus", type=bonus, metavar="SHARE", help="of smoothed rates: raise what was never seen, so that it is tried"
    )
    parser.add_argument("--version", help="name of the version (default: the next number)")
    parser.add_argument("--test-share", type=part, default=0.0, metavar="SHARE", help="latest rows to measure on only")
    parser.add_argument(
        "--train-rows", type=at_least(1), metavar="N", help="train on the first N rows, measure on the others"
    )
    parser.add_argument(
        "--dask", metavar="SCHEDULER", help="train on a Dask cluster, such as tcp://10.0.0.1:8786, which reads the data"
    )
    parser.add_argument(
        "--parity-rows", type=at_least(1), default=MOST_ROWS, metavar="N", help="rows of proof (%(default)s)"
    )
    parser.add_argument(
        "--reproducible", action="store_true", help="the same bytes from any checkout: no commit, and no plots"
    )


def run(options: Namespace) -> int:
    """Trains and stores a version. Raises `ModelError`."""
    if not options.name:
        sys.stderr.write("model train: --name is needed\n")
        return UNUSABLE
    store = Store(options.store)
    outcome = data_options.outcome_of(options)
    store.free(options.name, options.version)
    _same_outcome(store, options.name, outcome)
    with progress_bar() as progress:
        if options.dask is not None:
            describe = partial(_lineage, options, store)
            trained = cluster.train(options, outcome, _recipe, describe, progress)
        else:
            task = _task(options, outcome)
            trained = train(task, _lineage(options, store, task, len(task.train)), progress)
        name, version, files = options.name, options.version, trained.files
        place = store.add_next(name, files) if version is None else store.add(name, version, files)
    say({"name": name, "version": place.name, **figures(trained.metrics), **_found(trained, place)}, options.json)
    return DONE


def _same_outcome(store: Store, name: str, outcome: Outcome) -> None:
    """All versions of a model predict the same, else none could take the place of another. Raises `RecipeError`."""
    for version in store.versions(name):
        with suppress(RefusedError):  # what cannot be read predicts nothing
            known = store.manifest(name, version).outcome
            if known != outcome:
                raise RecipeError(f"{name}:{version} predicts {known}; a model of {outcome} needs another --name")


def figures(metrics: Metrics) -> dict[str, object]:
    """The figures under the names that programs know."""
    return {
        "auc": metrics.auc,
        "log_loss": metrics.log_loss,
        "normalised_entropy": metrics.normalised_entropy,
        "predicted_over_actual": metrics.predicted_over_actual,
        "rows": metrics.rows,
        "positives": metrics.positives,
        "auc_interval": metrics.auc_interval,
        "predicted_over_actual_interval": metrics.predicted_over_actual_interval,
    }


def _found(trained: Trained, place: Path) -> dict[str, object]:
    return {
        "measured_on": trained.manifest.measured_on,
        "left_out": trained.manifest.left_out,
        "directory": str(place),
    }


def _task(options: Namespace, outcome: Outcome) -> Task:
    data = data_options.read_data(options, outcome)
    recipe = _recipe(options, data)
    rows = options.train_rows or round(len(data) * (1 - options.test_share))
    if not 0 < rows <= len(data):
        raise DataError(f"training on {rows} rows of {len(data)} is not possible")
    learned, test = data.slice(0, rows), data.slice(rows, len(data))
    return Task(
        name=options.name,
        outcome=outcome,
        recipe=recipe,
        train=learned,
        test=test if len(test) else None,
        as_of_ms=int(learned.at_ms[-1]),
        parity_rows=options.parity_rows,
        plots=not options.reproducible,
    )


def _recipe(options: Namespace, data: Dataset) -> Recipe:
    """The recipe with what the arguments say otherwise. What they ask for by name must be usable."""
    recipe = read_recipe(options.recipe or data.form)
    asked = {name: getattr(options, name) for name in ("kind", "seed", "bonus") if getattr(options, name) is not None}
    if options.features is not None:
        names = tuple(options.features.split(","))
        asked |= {
            "features": names,
            "monotone": {name: recipe.monotone[name] for name in names if name in recipe.monotone},
        }
    elif asked.get("kind") == "rates":
        asked |= {"features": (recipe.hierarchy,) if recipe.hierarchy else (), "monotone": {}}
    if asked.get("kind") == "constant":
        if options.features is not None:
            raise RecipeError("a constant has no features: --kind constant goes without --features")
        asked |= {"features": (), "monotone": {}}
    recipe = changed(recipe, asked)
    if options.features is not None:
        for name, why in usable(recipe, data)[1].items():
            raise RecipeError(f"the feature {name} cannot be used: {why}")
    return recipe


def _lineage(options: Namespace, store: Store, task: Task, rows: int) -> Lineage:
    """Where the version comes from. The command is told without what names this machine's directories."""
    directory = store.root / options.name
    said = [f"--format {options.format}", f"--outcome {task.outcome}", f"--seed {task.recipe.seed}"]
    said += [f"--data {' '.join(path.name for path in options.data)}", f"--train-rows {rows}"]
    hours = options.attribution_hours
    said += [f"--attribution-hours {hours}"] if hours * data_options.HOUR_MS != ATTRIBUTION_MS else []
    said += [] if options.dask is None else ["--dask"]
    return Lineage(
        parent=pointers.read(directory, "champion"),
        command=f"model train --name {options.name} {' '.join(said)}",
        commit=None if options.reproducible else _commit(),
        data=dict(task.train.sources),
        recipe={},
    )


def _commit() -> str | None:
    """The commit of the checkout this program runs from."""
    git = shutil.which("git")
    if git is None:
        return None
    asked = [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    return found.stdout.strip() or None
