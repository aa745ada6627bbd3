"""What workers bid beyond their records, as a restart would find it on the board and in the store.

A worker that ended leaves such bids on the board; those of earlier lives of control are the gaps of the store. Both
count them all until they are over: bids that notices name as well, since a restart takes those from the journal and
subtracts them. What is over may no longer be counted, or it would be held once more beside what it was billed.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bidder.ledger.board import Board
from bidder.ledger.entry import LIFE_BITS, Gap
from bidder.ledger.holds import Over
from bidder.processes.journal import Journal


class _Left(Struct):
    """What the life of a worker left on a slot of the board and is not over."""

    worker: int
    slot: int
    micros: int


class Unrecorded:
    """Keeps board and store as the book says."""

    def __init__(self, board: Board, journal: Journal, gaps: Iterable[Gap]) -> None:
        """`gaps`: those of the store."""
        self._board = board
        self._journal = journal
        self._gaps = {(gap.epoch, gap.campaign): gap for gap in gaps}
        self._left: dict[tuple[int, str], _Left] = {}

    def end_life(self, life: int, worker: int, slots: Mapping[str, int]) -> None:
        """A worker has ended, and all its records are read; `slots` by campaign."""
        for name, slot in slots.items():
            micros = self._board.unrecorded(worker, slot) - self._left_on(worker, slot)
            if micros > 0:
                self._left[life, name] = _Left(worker, slot, micros)

    def end(self, bids: Iterable[Over]) -> None:
        """These bids are over."""
        for over in bids:
            left = self._left.get((over.life, over.campaign))
            if left is not None:
                self._end_left(left, over.micros)
            key = over.life >> LIFE_BITS, over.campaign
            gap = self._gaps.get(key)
            if gap is not None:
                self._gaps[key] = gap = replace(gap, micros=max(0, gap.micros - over.micros))
                self._journal.state({}, gaps=[gap])

    def _end_left(self, left: _Left, micros: int) -> None:
        """No more than there was: a record may have been written and be beyond reading."""
        micros = min(micros, left.micros)
        self._board.expired[left.worker][left.slot] += micros
        left.micros -= micros

    def _left_on(self, worker: int, slot: int) -> int:
        """What earlier lives of the worker left on the slot."""
        return sum(each.micros for each in self._left.values() if (each.worker, each.slot) == (worker, slot))
