"""From paths on a cluster to a version: learned there, measured and written down here."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from distributed import Client, KilledWorker
from distributed.comm import CommClosedError, connect
from lightgbm.basic import LightGBMError

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
_LOST = (CancelledError, KilledWorker, CommClosedError, LightGBMError)
"""What is raised where a worker or the scheduler ends midway; the last one where LightGBM's own sockets break."""


class Split(NamedTuple):
    """How many of the rows, earliest first, are learned from, and how many there are."""

    learned: int
    rows: int


@contextmanager
def connected(scheduler: str, paths: Sequence[Path], source: Source) -> Iterator[Partitions]:
    """The rows of all paths on the cluster of a scheduler. Raises `RecipeError`, `DataError`.

    What a worker held is gone with it, and what depends on it cannot be made again: then the block is given up.
    """
    try:
        asyncio.run(_greet(scheduler))
        client = Client(scheduler, timeout=_CONNECT_S)
    except TimeoutError as error:
        raise RecipeError(f"no Dask scheduler answers at {scheduler} within {_CONNECT_S} s") from error
    except (OSError, ValueError) as error:
        raise RecipeError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client:
        try:
            yield Partitions(client, paths, source)
        except _LOST as error:
            what = " ".join(str(error).split())
            lost = f"the cluster of {scheduler} lost a worker, or was lost itself; no version was written, train again"
            raise RecipeError(f"{lost} ({type(error).__name__}: {what})") from error


async def _greet(scheduler: str) -> None:
    """Raises `TimeoutError` where what listens there does not speak as a scheduler does: a client waits for ever."""
    async with asyncio.timeout(_CONNECT_S):
        (await connect(scheduler)).abort()


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
