"""A worker's share of all budgets: its side of the board, of which it is the only user."""

from collections.abc import Collection
from functools import cache

import numpy as np

from bidder.domain.money import Micros
from bidder.ledger.board import Board


class Purse:
    """What the auction asks before it bids."""

    __slots__ = (
        "_answered",
        "_beat",
        "_bid",
        "_granted",
        "_loaded",
        "_multiplier",
        "_own_grants",
        "_recalled",
        "_returned",
        "_short",
        "_throttle",
        "_written",
        "stats",
    )

    def __init__(self, board: Board, worker: int) -> None:
        own = slice(worker, worker + 1)
        self._granted = self._own_grants = board.granted[worker]
        self._bid = board.bid[worker]
        self._returned = board.returned[worker]
        self._written = board.written[worker]
        self._short = board.short[worker]
        self._recalled = np.frombuffer(board.recalled[worker], np.int64)
        self._answered = self._recalled.copy()
        self._throttle = board.throttle_ppb
        self._multiplier = board.multiplier_ppb
        self._beat = board.heartbeats_ms[own]
        self._loaded = board.loaded[own]
        self.stats = board.stats[worker]
        """The worker's counters: only it writes them, by index."""

    def may_spend(self, slot: int, price: Micros) -> bool:
        """Whether what was granted and not yet bid covers one more bid at this price; control is told where not."""
        if self._granted[slot] - self._bid[slot] >= price:
            return True
        self._short[slot] += 1
        return False

    def spend(self, slot: int, price: Micros) -> None:
        """Count a bid against the grant."""
        self._bid[slot] += price

    def record(self, slot: int, price: Micros) -> None:
        """The record of a bid stands in a segment."""
        self._written[slot] += price

    def freeze(self, *, frozen: bool) -> None:
        """While frozen, nothing may be spent."""
        self._granted = _nothing(len(self._own_grants)) if frozen else self._own_grants

    def throttle_ppb(self, slot: int) -> int:
        """Share of matching requests to take part in."""
        return self._throttle[slot]

    def multiplier_ppb(self, slot: int) -> int:
        """Factor on the value."""
        return self._multiplier[slot]

    def beat(self, now_ms: int) -> None:
        """Say that the worker is alive."""
        self._beat[0] = now_ms

    def load(self, generation: int, slots: Collection[int]) -> None:
        """Say that this generation is live here, with campaigns in these slots, and give back the grants of all others.

        The worker must not bid on the others any more.
        """
        unspent = np.frombuffer(self._own_grants, np.int64) - np.frombuffer(self._bid, np.int64)
        for slot in np.flatnonzero(unspent).tolist():
            if slot not in slots:
                self._give_back(slot)
        self._loaded[0] = generation

    def answer_recalls(self) -> None:
        """Give back what control asked for since the last call."""
        for slot in np.flatnonzero(self._recalled != self._answered).tolist():
            self._answered[slot] = self._recalled[slot]
            self._give_back(slot)

    def _give_back(self, slot: int) -> None:
        unspent = self._own_grants[slot] - self._bid[slot]
        self._bid[slot] += unspent
        self._returned[slot] += unspent


@cache
def _nothing(slots: int) -> memoryview:
    return memoryview(bytes(8 * slots)).cast("q")
