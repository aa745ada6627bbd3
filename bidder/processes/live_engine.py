"""The engine that workers have, for whoever asks why they decide as they do: what is live, and no money moves."""

from collections.abc import Callable

from bidder.auction.compile import compile_snapshot
from bidder.config.schema import Config
from bidder.engine import Engine
from bidder.ledger.board import Board
from bidder.pacing.purse import OpenPurse
from bidder.processes.lineup import Lineup
from bidder.processes.paced_purse import WatchingPurse
from bidder.processes.predictors import choice_of

Live = tuple[Config, Lineup]


class LiveEngine:
    """Made when first asked for, and anew when what is live has changed."""

    def __init__(self, live: Callable[[], Live], board: Board) -> None:
        self._live = live
        self._board = board
        self._made: Live | None = None
        self._engine: Engine | None = None

    def __call__(self) -> Engine:
        """The engine. Raises `models.errors.RefusedError` where a model was replaced in this very moment."""
        live = self._live()
        if self._engine is None or live != self._made:
            self._engine = engine_of(live, self._board, self._engine)
            self._made = live
        return self._engine


def engine_of(live: Live, board: Board | None, before: Engine | None = None) -> Engine:
    """An engine for a configuration and the models of a lineup; without a board every bid may be paid for.

    What is as it was in the engine `before` is not compiled again. Raises `models.errors.RefusedError` where a model is
    not what was checked.
    """
    config, lineup = live
    choice = choice_of(lineup, config.bidder.prediction, {}, {})
    snapshot = compile_snapshot(config, choice.ceiling, before.snapshot if before is not None else None)
    if board is None:
        return Engine(snapshot, OpenPurse(), choice)
    slots = board.slots_by_name()
    for line in snapshot.lines:
        line.slot = slots.get(line.id, 0)
    return Engine(snapshot, WatchingPurse(board), choice)
