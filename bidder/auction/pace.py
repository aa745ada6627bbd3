"""Whether a line takes part in a request, and whether it may spend the price.

The purse is a worker's share of all budgets. Asking and spending are a few reads of counters; who fills it is the
control process's business.
"""

from typing import Protocol
from zlib import crc32

from bidder.domain.money import Micros

PPB = 1_000_000_000
_SPREAD = 2_654_435_761  # Knuth's multiplicative hash constant: spreads the low bits over 32


class Purse(Protocol):
    """A worker's view of the budgets, by the campaign's slot on the board."""

    def may_spend(self, slot: int, price: Micros) -> bool:
        """Whether what was granted and not yet bid covers one more bid at this price."""

    def spend(self, slot: int, price: Micros) -> None:
        """Count a bid against the grant."""

    def throttle_ppb(self, slot: int) -> int:
        """Share of matching requests to take part in, in parts per billion."""

    def multiplier_ppb(self, slot: int) -> int:
        """Factor on the value, in parts per billion; at most one, so that a line's ceiling holds."""


def draw(request_id: str) -> int:
    """The request's lot: a hash, so that a replay draws the same."""
    return crc32(request_id.encode(errors="surrogatepass"))


def takes_part(lot: int, salt: int, throttle_ppb: int) -> bool:
    """Whether a line takes part in a request: the share `throttle_ppb` of requests, a different one for each line."""
    return ((lot ^ salt) * _SPREAD & 0xFFFFFFFF) * PPB >> 32 < throttle_ppb
