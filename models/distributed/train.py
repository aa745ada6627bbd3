"""From paths on a cluster to a version: learned there, measured and written down here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from distributed import Client

from models.dataset.rows import NEVER_MS, Dataset
from models.distributed.learn import learn
from models.distributed.partitions import Partitions, Period, Source
from models.errors import RecipeError
from models.learn import Progress
from models.manifest import Lineage, Window
from models.metrics import measure
from models.recipe import usable
from models.train import Fit, Task, Trained, conclude

_CONNECT_S = 10


class Split(NamedTuple):
    """How many of the rows, earliest first, are learned from, and how many there are."""

    learned: int
    rows: int


@contextmanager
def connected(scheduler: str, paths: Sequence[Path], source: Source) -> Iterator[Partitions]:
    """The rows of all paths on the cluster of a scheduler. Raises `RecipeError`, `DataError`."""
    try:
        client = Client(scheduler, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        raise RecipeError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        yield Partitions(client, paths, source)


def periods(partitions: Partitions, split: Split) -> tuple[Period, Period | None]:
    """When rows are learned from, and the later time to measure on. Rows of one moment are not parted."""
    at_ms = partitions.at_ms
    from_ms, to_ms = int(at_ms[0]), int(at_ms[split.rows - 1]) + 1
    if split.learned == split.rows:
        return Period(from_ms, to_ms, to_ms - 1), None
    cut_ms = int(at_ms[split.learned])
    return Period(from_ms, cut_ms, int(at_ms[split.learned - 1])), Period(cut_ms, to_ms, NEVER_MS - 1)


def sampled(partitions: Partitions, split: Split) -> tuple[Dataset, Dataset | None]:
    """Rows of both periods, with the labels that came to be known."""
    first, later = periods(partitions, split)
    return partitions.sample(first._replace(as_of_ms=NEVER_MS - 1)), None if later is None else partitions.sample(later)


def train(partitions: Partitions, task: Task, split: Split, lineage: Lineage, progress: Progress) -> Trained:
    """As `models.train.train`, where `task` holds samples of the rows. Raises `DataError`, `RecipeError`."""
    recipe, left_out = usable(task.recipe, task.train)
    if recipe.kind != "lightgbm":
        raise RecipeError(f"on a cluster trees are trained, a model of the kind {recipe.kind} needs none")
    period, _ = periods(partitions, split)
    found = learn(partitions, recipe, period, progress)
    later = None if found.later is None else measure(found.later, task.resamples)
    window = Window(period.from_ms, period.as_of_ms, split.learned, found.positives)
    fit = Fit(found.fitted, found.text, found.offset, found.calibration, later)
    return conclude(task._replace(recipe=recipe), fit, window, (left_out, lineage), progress)
