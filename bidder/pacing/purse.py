"""The purse that never runs dry: for explaining and replaying, where no money moves."""

from bidder.domain.money import Micros

PPB = 1_000_000_000


class OpenPurse:
    """Grants everything and remembers what was bid, by slot."""

    def __init__(self) -> None:
        self.bid_micros: dict[int, int] = {}

    def may_spend(self, slot: int, price: Micros) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def spend(self, slot: int, price: Micros) -> None:
        """Remember the bid."""
        self.bid_micros[slot] = self.bid_micros.get(slot, 0) + price

    def throttle_ppb(self, slot: int) -> int:  # noqa: ARG002
        """All requests."""
        return PPB

    def multiplier_ppb(self, slot: int) -> int:  # noqa: ARG002
        """The whole value."""
        return PPB
