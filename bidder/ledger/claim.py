"""What the book reads of a bid, from its ticket or from its record. Pure."""

from typing import Protocol


class Claim(Protocol):
    """What the book needs to know of a bid; a `domain.ticket.Ticket` is one."""

    @property
    def bid_id(self) -> int: ...
    @property
    def campaign(self) -> str: ...
    @property
    def at_s(self) -> int: ...
    @property
    def expires_s(self) -> int: ...
    @property
    def price_micros(self) -> int: ...
    @property
    def life(self) -> int: ...


def due_s(bid: Claim, now_s: float) -> float:
    """When the hold of a bid ends; where its clock and ours disagree, it lasts as long as it was meant to."""
    meant_s = now_s + max(1, bid.expires_s - bid.at_s)
    return bid.expires_s if now_s < bid.expires_s <= meant_s else meant_s
