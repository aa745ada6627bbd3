"""The seam between transport and decision: bytes in, an answer out."""

from typing import Protocol

import msgspec

from bidder.domain.reason import Reason


class Answer(msgspec.Struct, frozen=True):
    """What a request gets. Never more than this: whatever goes wrong inside ends as one of three statuses."""

    status: int
    """200 with a body; 204 where there is no bid; 400 where the body is no bid request."""
    body: bytes = b""
    """The bid response as JSON; empty unless the status is 200."""
    reason: Reason = Reason.BID
    """`Reason.BID` where it bids, else the gate that came furthest."""
    deadline_s: float = float("inf")
    """The moment, seconds since 1970 UTC, after which nobody waits for this answer any more."""
    bid_micros: int = 0
    """The sum of its prices, micros per impression in the account currency."""


class Brain(Protocol):
    """One compiled configuration, deciding. Synchronous, and never raises, whatever the input."""

    def answer(self, exchange: str, body: bytes, arrived_s: float, now_s: float) -> Answer:
        """The answer to one request body, not compressed. Times are seconds since 1970 UTC."""

    def tick(self, now_s: float) -> None:
        """Bring what depends on time up to date; called every 100 ms between two requests."""
