"""`model train --dask SCHEDULER`: the same command with the rows on a cluster, which the extra `dask` brings."""

from argparse import Namespace
from collections.abc import Callable

import numpy as np

from models.command.data import target
from models.dataset.rows import Dataset
from models.errors import DataError, RecipeError
from models.learn import Progress
from models.manifest import Lineage, Outcome
from models.recipe import Recipe
from models.train import Task, Trained

Choose = Callable[[Namespace, Dataset], Recipe]
Describe = Callable[[Task, int], Lineage]


def train(options: Namespace, outcome: Outcome, choose: Choose, describe: Describe, progress: Progress) -> Trained:
    """Trained where the rows are. Raises `RecipeError` where that cannot be, `DataError`."""
    if options.from_row or options.to_row is not None:
        raise RecipeError("--from-row and --to-row need all rows in one place; with --dask there is --until")
    try:
        from models.distributed import train as distributed  # noqa: PLC0415 (an optional extra)
        from models.distributed.partitions import Source  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise RecipeError(f"--dask needs the extra `dask`: pip install 'bidder[dask]' ({error})") from error
    source = Source(options.format, target(options, outcome), options.negative_rate, tuple(options.trust))
    with distributed.connected(options.dask, options.data, source) as partitions:
        until = np.inf if options.until is None else options.until
        rows = int(np.searchsorted(partitions.at_ms, until, side="right"))
        learned = options.train_rows or round(rows * (1 - options.test_share))
        if not 0 < learned <= rows:
            raise DataError(f"training on {learned} rows of {rows} is not possible")
        split = distributed.Split(learned, rows)
        known, test = distributed.sampled(partitions, split)
        task = Task(options.name, outcome, choose(options, known), known, test, int(partitions.at_ms[learned - 1]))
        task = task._replace(parity_rows=options.parity_rows, plots=not options.reproducible)
        return distributed.train(partitions, task, split, describe(task, learned), progress)
