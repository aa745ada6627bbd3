"""From the book to the board: workers' grants, generous far from the end of a budget and small near it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bidder.ledger.board import Board
from bidder.ledger.book import Book

Cells = NDArray[np.int64]
Mask = NDArray[np.bool_]

_FEW_BIDS = 2
_ROUNDS = 4
_SMALL_SHARE = 256


def goal_micros(available: int, workers: int, used: int, least: int) -> int:
    """What a worker should have in hand for a campaign.

    `available` is left of the budget, `used` the worker bid since the last round, `least` pays for one bid. That is
    enough for some rounds or some bids or a small share of the budget, but never more than the worker's part of half of
    what is left: so the last of a budget is given out bid by bid.
    """
    ample = max(_ROUNDS * used, _FEW_BIDS * least, available // (_SMALL_SHARE * workers))
    return max(least, min(ample, available // (2 * workers)))


class Grant(NamedTuple):
    """What a worker is to get; the book has set it aside."""

    worker: int
    slot: int
    campaign: str
    micros: int


class Stock(NamedTuple):
    """What a round finds of a worker, by slot."""

    in_hand: Cells
    used: Cells
    """Bid since the last round."""
    is_short: Mask
    """It could not pay for a bid since the last round."""


class Grants:
    """Tops up the workers' grants, round by round, and recalls what lies unused where another worker needs it."""

    def __init__(self, book: Book, board: Board) -> None:
        """Both new."""
        self._book = book
        self._board = board
        self._campaigns: dict[int, str] = {}
        self._least = np.zeros(board.shape.slots, np.int64)
        self._granted, self._bid, self._returned, self._short = (
            [np.frombuffer(cells, np.int64) for cells in grid]
            for grid in (board.granted, board.bid, board.returned, board.short)
        )
        self._bid_before = [cells.copy() for cells in self._bid]
        self._taken_back = [cells.copy() for cells in self._returned]
        self._short_before = [cells.copy() for cells in self._short]
        self._goals = [np.zeros_like(cells) for cells in self._bid]

    def serve(self, slots: Mapping[str, int], least_micros: Mapping[str, int]) -> None:
        """Grant to these campaigns from the next round on; `least_micros` is the most that one bid of each may cost."""
        self._campaigns |= {slot: campaign for campaign, slot in slots.items()}
        self._least[:] = 0
        for campaign, slot in slots.items():
            self._least[slot] = max(1, least_micros[campaign])

    def plan(self) -> list[Grant]:
        """Take back what workers returned, then set aside what those need that have little in hand.

        Where not all can have some, those come first that could not pay for a bid, and of them who has most already.
        """
        stocks = [self._take_stock(worker) for worker in range(self._board.shape.workers)]
        wants = [
            (not stock.is_short[slot], -int(stock.in_hand[slot]), worker, int(slot))
            for worker, stock in enumerate(stocks)
            for slot in self._low(worker, stock)
        ]
        grants = [self._top_up(worker, slot, stocks[worker]) for *_, worker, slot in sorted(wants)]
        self._recall(stocks, grants)
        return [grant for grant in grants if grant.micros]

    def give(self, grants: Iterable[Grant]) -> None:
        """Let the workers bid what was planned."""
        for grant in grants:
            self._board.grant(grant.worker, grant.slot, grant.micros)

    def withdraw(self, grants: Iterable[Grant]) -> None:
        """What was planned is not given after all."""
        for grant in grants:
            self._book.reclaim(grant.campaign, grant.micros)

    def round(self) -> int:
        """Plan and give; returns the micros granted."""
        grants = self.plan()
        self.give(grants)
        return sum(grant.micros for grant in grants)

    def _take_stock(self, worker: int) -> Stock:
        returned = self._take_back(worker)
        bid, short = self._bid[worker].copy(), self._short[worker].copy()
        found = Stock(
            in_hand=self._granted[worker] - bid,
            used=bid - self._bid_before[worker] - returned,
            is_short=short != self._short_before[worker],
        )
        self._bid_before[worker], self._short_before[worker] = bid, short
        return found

    def _take_back(self, worker: int) -> Cells:
        returned = self._returned[worker] - self._taken_back[worker]
        for slot in np.flatnonzero(returned):
            self._book.reclaim(self._campaigns[int(slot)], int(returned[slot]))
        self._taken_back[worker] += returned
        return returned

    def _low(self, worker: int, stock: Stock) -> Cells:
        """The slots of which a worker should have more in hand."""
        wanted = np.maximum(np.maximum(self._goals[worker], _ROUNDS * stock.used), self._least)
        return np.flatnonzero(((stock.in_hand * 2 < wanted) | (stock.in_hand < self._least)) & (self._least > 0))

    def _top_up(self, worker: int, slot: int, stock: Stock) -> Grant:
        campaign = self._campaigns[slot]
        available = self._book.available(campaign)
        if not available:
            return Grant(worker, slot, campaign, 0)
        goal = goal_micros(available, self._board.shape.workers, int(stock.used[slot]), int(self._least[slot]))
        self._goals[worker][slot] = goal
        return Grant(worker, slot, campaign, self._book.grant(campaign, goal - int(stock.in_hand[slot])))

    def _recall(self, stocks: Sequence[Stock], grants: Iterable[Grant]) -> None:
        """Ask back what others have in hand where a worker that is short gets too little for one more bid.

        From those who did not bid since the last round, and those who cannot pay for a bid either; not from the one
        that is short and has most.
        """
        is_short = np.array([stock.is_short for stock in stocks])
        if not is_short.any():
            return
        in_hand = np.array([stock.in_hand for stock in stocks])
        for grant in grants:
            in_hand[grant.worker, grant.slot] += grant.micros
        unmet = (is_short & (in_hand < self._least)).any(axis=0)
        unused = (np.array([stock.used for stock in stocks]) == 0) & ~is_short
        idle = (in_hand > 0) & (unused | (in_hand < self._least)) & unmet
        richest = np.where(is_short, in_hand, -1).argmax(axis=0)
        for worker, slot in np.argwhere(idle).tolist():
            if worker != richest[slot]:
                self._board.recall(worker, slot)
