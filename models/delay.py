"""Outcomes that are still to come: how long they take, estimated from those that have come.

When rows are `age` old, only outcomes with a delay up to `age` can have been seen. The share F(age) of outcomes that
come within an age is estimated by the product-limit estimator for right-truncated delays (Lynden-Bell 1971): going
down from the longest delay, F(t) = product over delays s > t of (1 - d(s) / r(s)), where d(s) outcomes had the delay s
and r(s) had a delay of at most s and an age of at least s. A row of age a shows its outcome with probability p F(a); in
log-odds that is nearly the addition of log F(a) (the error is below p), so training takes log F(a) as an offset and the
model learns p itself.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from models.dataset.rows import Dataset

LEAST_SHARE = 0.05
"""Rows so young that fewer outcomes than this can have shown carry nothing to learn from."""


class Delays(Struct, frozen=True):
    """Delays that occurred, ascending, and the share of outcomes that come within each."""

    delays_ms: tuple[int, ...] = ()
    shares: tuple[float, ...] = ()

    def share(self, ages_ms: NDArray[np.int64]) -> NDArray[np.float64]:
        """The share of outcomes that have come by each age; 1 for all where no delay is known."""
        if not self.delays_ms:
            return np.ones(len(ages_ms))
        places = np.searchsorted(np.array(self.delays_ms), ages_ms, side="right")
        return np.concatenate([[0.0], self.shares])[places]


def estimate(data: Dataset, as_of_ms: int) -> Delays:
    """The delays of the outcomes known at a time. Outcomes later than the oldest row is old are never seen."""
    hits = data.labels > 0
    delays = np.maximum(data.known_ms[hits] - data.at_ms[hits], 0)
    ages = as_of_ms - data.at_ms[hits]
    values, counts = np.unique(delays, return_counts=True)
    if not len(values):
        return Delays()
    at_risk = np.array([((delays <= value) & (ages >= value)).sum() for value in values])
    later = np.cumprod((1 - counts / at_risk)[::-1])[::-1]
    shares = np.append(later[1:], 1.0)
    return Delays(tuple(values.tolist()), tuple(shares.tolist()))
