"""What a worker counts while it answers: plain integers, read once a second by whoever exports them."""

from bisect import bisect_left

import msgspec

from bidder.domain.reason import Reason

STATUSES = (200, 204, 400, 404, 405, 413, 414, 415, 417, 431)
"""Every status that the bid port answers with, except those of the health checks."""

LATENCY_BOUNDS_S = (
    0.0005,
    0.001,
    0.002,
    0.003,
    0.005,
    0.0075,
    0.01,
    0.015,
    0.02,
    0.03,
    0.05,
    0.075,
    0.1,
    0.2,
    0.5,
    1.0,
)
"""Upper bounds, included, of the buckets of the latency histogram; one more bucket takes the rest."""

NO_EXCHANGE = ""
"""The name under which requests for unknown exchanges and paths are counted, so that callers cannot make up series."""


class ExchangeCounts(msgspec.Struct):
    """The answers to one exchange."""

    statuses: dict[int, int] = msgspec.field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    bids: int = 0
    """Answers that carry at least one bid."""
    bid_micros: int = 0
    """What they bid, micros per impression."""
    turned_away: int = 0
    """Requests answered 204 without looking at them, since there was no time."""
    turned_away_micros: int = 0
    """What those might have bid, as learned from others of the exchange."""
    late: int = 0
    """Answers that were ready only after their deadline."""


class BidCounts(msgspec.Struct):
    """All that one worker counted since it started; every number only grows."""

    exchanges: dict[str, ExchangeCounts] = {}
    """By name of the exchange, `NO_EXCHANGE` for requests that reached none."""
    reasons: dict[int, int] = msgspec.field(default_factory=lambda: dict.fromkeys(map(int, Reason), 0))
    """Answers by `Reason`."""
    latency: list[int] = msgspec.field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS_S) + 1))
    """Decided answers by bucket of the time from arrival to the finished answer."""
    latency_sum_s: float = 0.0

    def exchange(self, name: str) -> ExchangeCounts:
        """The counts of an exchange, which go on over a reload."""
        return self.exchanges.setdefault(name, ExchangeCounts())

    def observe(self, latency_s: float) -> None:
        """Count the latency of one answer."""
        self.latency[bisect_left(LATENCY_BOUNDS_S, latency_s)] += 1
        self.latency_sum_s += latency_s
