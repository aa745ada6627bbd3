"""Purses for engines beside those of the workers: they read the board as workers do, and no money moves."""

from bidder.domain.money import Micros
from bidder.ledger.board import Board
from bidder.pacing.purse import OpenPurse


class PacedPurse(OpenPurse):
    """Paces as the board says, and never runs dry."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    def throttle_ppb(self, slot: int) -> int:
        """Share of matching requests to take part in."""
        return self._board.throttle_ppb[slot]

    def multiplier_ppb(self, slot: int) -> int:
        """Factor on the value."""
        return self._board.multiplier_ppb[slot]


class WatchingPurse(PacedPurse):
    """Grants as the board says, too: a bid may be made that any of the workers could make."""

    def may_spend(self, slot: int, price: Micros) -> bool:
        """Whether one worker has so much left."""
        sides = zip(self._board.granted, self._board.bid, strict=True)
        return any(granted[slot] - bid[slot] >= price for granted, bid in sides)
