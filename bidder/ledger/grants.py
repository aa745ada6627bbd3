"""From the book to the board: workers' grants, generous far from the end of a budget and small near it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bidder.ledger.board import Board
from bidder.ledger.book import Book

Cells = NDArray[np.int64]

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


class Grants:
    """Tops up the workers' grants, round by round."""

    def __init__(self, book: Book, board: Board) -> None:
        """Both new."""
        self._book = book
        self._board = board
        self._campaigns: dict[int, str] = {}
        self._least = np.zeros(board.shape.slots, np.int64)
        self._granted, self._bid, self._returned = (
            [np.frombuffer(cells, np.int64) for cells in grid] for grid in (board.granted, board.bid, board.returned)
        )
        self._bid_before = [cells.copy() for cells in self._bid]
        self._taken_back = [cells.copy() for cells in self._returned]
        self._goals = [np.zeros_like(cells) for cells in self._bid]

    def serve(self, slots: Mapping[str, int], least_micros: Mapping[str, int]) -> None:
        """Grant to these campaigns from the next round on; `least_micros` is the most that one bid of each may cost."""
        self._campaigns |= {slot: campaign for campaign, slot in slots.items()}
        self._least[:] = 0
        for campaign, slot in slots.items():
            self._least[slot] = max(1, least_micros[campaign])

    def plan(self) -> list[Grant]:
        """Take back what workers returned, then set aside what those need that have little in hand."""
        return [grant for worker in range(self._board.shape.workers) for grant in self._plan_for(worker)]

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

    def _plan_for(self, worker: int) -> list[Grant]:
        returned = self._take_back(worker)
        bid = self._bid[worker].copy()
        used = bid - self._bid_before[worker] - returned
        self._bid_before[worker] = bid
        in_hand = self._granted[worker] - bid
        wanted = np.maximum(np.maximum(self._goals[worker], _ROUNDS * used), self._least)
        low = np.flatnonzero(((in_hand * 2 < wanted) | (in_hand < self._least)) & (self._least > 0))
        planned = [self._top_up(worker, int(slot), int(in_hand[slot]), int(used[slot])) for slot in low]
        return [grant for grant in planned if grant.micros]

    def _take_back(self, worker: int) -> Cells:
        returned = self._returned[worker] - self._taken_back[worker]
        for slot in np.flatnonzero(returned):
            self._book.reclaim(self._campaigns[int(slot)], int(returned[slot]))
        self._taken_back[worker] += returned
        return returned

    def _top_up(self, worker: int, slot: int, in_hand: int, used: int) -> Grant:
        campaign = self._campaigns[slot]
        available = self._book.available(campaign)
        if not available:
            return Grant(worker, slot, campaign, 0)
        goal = goal_micros(available, self._board.shape.workers, used, int(self._least[slot]))
        self._goals[worker][slot] = goal
        return Grant(worker, slot, campaign, self._book.grant(campaign, goal - in_hand))
