"""A sample of the requests that a worker decides on, handed on as they came."""

from collections.abc import Callable
from decimal import Decimal

from bidder.processes.appraisal import Sample

PPB = 1_000_000_000
MOST_A_SECOND = 50
"""Of a worker; beyond, what would be sampled is not."""

_SPREAD = 668_265_263  # a prime other than those of throttle and full evaluation, so that samples are drawn apart

Take = Callable[[Sample], None]
"""Takes a sample; never waits."""


class Sampling:
    """Chooses by a hash of the request's id."""

    def __init__(self, rate: Decimal, take: Take) -> None:
        self._rate_ppb = int(rate * PPB)
        self._take = take
        self._second = 0
        self._taken = 0

    def __call__(self, lot: int, exchange: str, body: bytes, now_s: float) -> None:
        """Hand on the request with this lot, if it is one of the sample."""
        if (lot * _SPREAD & 0xFFFFFFFF) * PPB >> 32 >= self._rate_ppb:
            return
        if int(now_s) != self._second:
            self._second, self._taken = int(now_s), 0
        if self._taken < MOST_A_SECOND:
            self._taken += 1
            self._take(Sample(exchange, body, now_s))
