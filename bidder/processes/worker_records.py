"""What a worker records. While bids cannot be recorded, none are made: the purse is frozen.

Writing is apart from the ticks, since a disk may take its time; it may also never say anything again, so the ticks look
how long a write has been under way.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from bidder.clock import Clock, monotonic_s, wall_s
from bidder.domain.money import Micros
from bidder.events.recorder import Limits, Recorder, RecordError
from bidder.events.schema import Bid, Event
from bidder.ledger.board import Board
from bidder.ledger.purse import Purse

MOST_PENDING = 8_192
"""Records that may wait for a slow disk; no bid is made beyond that."""

STALLED_SECONDS = 1.0
"""A write that takes longer is taken for a disk that does not write."""

_log = structlog.get_logger()


class WorkerRecords:
    """The recorder of a worker, with the purse that pays for what it records."""

    def __init__(self, directory: Path, limits: Limits, board: Board, purse: Purse, clock: Clock = monotonic_s) -> None:
        """`directory` is that of the writer. Where it takes no segment, the purse is frozen until it does.

        Raises `OSError` where there is no such directory and none can be made, `WriterBusyError`.
        """
        self._recorder = Recorder(directory, limits, self._recorded, must_open=False)
        self._board = board
        self._purse = purse
        self._clock = clock
        self._slots: dict[str, int] = {}
        """Places on the board as far as they are known."""
        self._frozen = False
        self._writes_since_s: float | None = None
        self.counts = self._recorder.counts
        if self._recorder.is_broken:
            self._freeze_while("no segment can be started")

    @property
    def pending(self) -> int:
        """Events that wait to be written."""
        return self._recorder.pending

    @property
    def is_failing(self) -> bool:
        """Whether bids cannot be recorded, and are not made."""
        return self._frozen

    def append(self, event: Event) -> None:
        """Take an event of any kind: money where it is a bid, telemetry where it is not."""
        if not isinstance(event, Bid) or event.test:
            self._recorder.append(event)
            return
        try:
            self._recorder.append_money(event)
        except RecordError:  # control holds what the board counts beyond the records
            self._purse.freeze(frozen=True)
            self._frozen = True

    def forget_places(self) -> None:
        """A new generation may have moved campaigns on the board."""
        self._slots = {}

    async def write(self) -> None:
        """Write what was taken, and freeze or unfreeze the purse by how that went."""
        self._writes_since_s = self._clock()
        failure = await asyncio.to_thread(self._write)
        self._writes_since_s = None
        if failure is None and self._recorder.pending > MOST_PENDING:
            failure = f"{self._recorder.pending} records wait"
        self._freeze_while(failure)

    def watch(self) -> None:
        """Freeze the purse where a write does not end; the write itself unfreezes it when it does."""
        if self._writes_since_s is not None and self._clock() - self._writes_since_s >= STALLED_SECONDS:
            self._freeze_while(f"a write takes longer than {STALLED_SECONDS:g} s")

    def close(self) -> None:
        """Write the last records durably and let go of the files."""
        try:
            self._recorder.close(_now_ms())
        except RecordError as error:
            _log.error("the last records are lost", error=str(error))

    def _write(self) -> str | None:
        try:
            if self._recorder.is_broken:
                self._recorder.reopen()
            self._recorder.flush(_now_ms())
        except (OSError, RecordError) as error:
            return str(error)
        return None if self._recorder.failure is None else str(self._recorder.failure)

    def _freeze_while(self, failure: str | None) -> None:
        """What cannot be recorded is not to be spent."""
        frozen = failure is not None
        if frozen != self._frozen:
            self._frozen = frozen
            self._purse.freeze(frozen=frozen)
            _log.warning("bids cannot be recorded, and are not made" if frozen else "bids go on", why=failure)

    def _recorded(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Bid):
                slot = self._slots.get(event.campaign)
                if slot is None:
                    self._slots = self._board.slots_by_name()
                    slot = self._slots[event.campaign]
                self._purse.record(slot, Micros(event.price_micros))


def _now_ms() -> int:
    return int(wall_s() * 1000)
