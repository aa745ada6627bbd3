"""Rows on the workers of a cluster: each path of the data is one partition, read there by the adapter of its format."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from distributed import Client, Future
from numpy.typing import NDArray

from models.dataset.read import Target, read
from models.dataset.rows import Dataset, concatenated
from models.errors import DataError

MOST_SAMPLED = 200_000
"""Rows of a period that come to the client, evenly spread, to be measured and drawn."""


class Source(NamedTuple):
    """What every worker reads its paths as."""

    format: str
    target: Target
    negative_rate: float = 1.0
    trusted: tuple[str, ...] = ()


class Period(NamedTuple):
    """Rows from a time on, up to a later one, with the labels that were known at a third."""

    from_ms: int
    to_ms: int
    as_of_ms: int

    def of(self, data: Dataset) -> Dataset:
        """The rows of a partition that lie in the period."""
        start, stop = np.searchsorted(data.at_ms, [self.from_ms, self.to_ms]).tolist()
        return data.slice(start, stop).known_at(self.as_of_ms)


class Partitions:
    """The rows of all paths. They must be readable under the same path on every worker.

    Outcomes are joined within a path, so each must hold whole bids: the state directory of one bidder, one log.
    """

    def __init__(self, client: Client, paths: Sequence[Path], source: Source) -> None:
        """Paths go to the workers in turn. Raises `DataError` where one cannot be read, or none works."""
        self.client = client
        workers = sorted(client.nthreads())
        if not workers:
            raise DataError("the cluster has no workers to read the data")
        self._parts: list[Future] = [
            client.submit(
                _read,
                str(path),
                source,
                pure=False,
                workers=workers[number % len(workers)],
                allow_other_workers=True,  # else rows of one that ends are waited for, for ever
            )
            for number, path in enumerate(paths)
        ]
        self.at_ms: NDArray[np.int64] = np.sort(np.concatenate(self.of_each(_times)))
        """The times of all rows, in order: eight bytes a row come to the client."""

    def of_each(self, step: Callable[..., Any], *arguments: Any) -> list[Any]:
        """What a step makes of the rows of each partition."""
        return self.client.gather(self.left_there(step, *arguments))  # type: ignore[no-any-return]

    def left_there(self, step: Callable[..., Any], *arguments: Any) -> list[Future]:
        """The same, left on the workers."""
        shared = [self.client.scatter(each, broadcast=True, hash=False) for each in arguments]
        return [self.client.submit(step, part, number, *shared, pure=False) for number, part in enumerate(self._parts)]

    def sample(self, period: Period) -> Dataset:
        """Rows of a period in order of time: all of them, or an even spread where they are too many."""
        rows = int(np.diff(np.searchsorted(self.at_ms, [period.from_ms, period.to_ms]))[0])
        found = self.of_each(_sampled, period, max(1, -(-rows // MOST_SAMPLED)))
        if not any(map(len, found)):
            raise DataError("there are no rows in the period that was asked for")
        return concatenated(found)


def _read(path: str, source: Source) -> Dataset:
    data = read(source.format, [Path(path)], source.target)
    return data.trusting(source.trusted).downsampled(source.negative_rate)


def _times(data: Dataset, _: int) -> NDArray[np.int64]:
    return data.at_ms


def _sampled(data: Dataset, _: int, period: Period, every: int) -> Dataset:
    found = period.of(data)
    return found.take(np.arange(0, len(found), every, dtype=np.intp))
