"""Records of a worker: while bids cannot be recorded the purse is frozen, whether the disk refuses or says nothing."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from bidder.domain.money import Micros
from bidder.events.recorder import Limits
from bidder.events.segment import SegmentLog, WriterBusyError
from bidder.ledger.board import Board, Shape
from bidder.ledger.purse import Purse
from bidder.processes.worker_records import STALLED_SECONDS, WorkerRecords
from tests.events.disk import failing
from tests.processes.test_treasury import bid

SLOT = 3


class Desk:
    """The records of a worker with one campaign that has 1,000 micros, at a time turned by hand."""

    def __init__(self, directory: Path) -> None:
        self.now_s = 50.0
        board = Board.create(directory / "board", Shape(1, 8, 0))
        board.names[SLOT * 64 : SLOT * 64 + 5] = b"shoes"
        board.grant(0, SLOT, 1000)
        self.board, self.purse = board, Purse(board, 0)
        self.records = WorkerRecords(directory / "worker-0", Limits(), board, self.purse, lambda: self.now_s)

    @property
    def may_bid(self) -> bool:
        return self.purse.may_spend(SLOT, Micros(1))


async def test_what_is_written_is_counted_on_the_board(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.records.append(bid("shoes", 700))
    assert (desk.board.written[0][SLOT], desk.records.pending) == (0, 1)
    await desk.records.write()
    assert (desk.board.written[0][SLOT], desk.records.pending, desk.may_bid) == (700, 0, True)


async def test_a_disk_that_refuses_freezes_the_purse_until_it_takes_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.records.append(bid("shoes", 700))
    with failing(monkeypatch, "write"):
        await desk.records.write()
        assert (desk.may_bid, desk.records.pending, desk.records.is_failing) == (False, 1, True)
    await desk.records.write()
    assert (desk.may_bid, desk.board.written[0][SLOT], desk.records.is_failing) == (True, 700, False)


@pytest.mark.parametrize("call", ["write", "fsync"])
async def test_a_disk_that_takes_no_segment_at_the_start_freezes_the_purse_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    with failing(monkeypatch, call):
        desk = Desk(tmp_path)
        assert (desk.may_bid, desk.records.is_failing) == (False, True)
        await desk.records.write()
        assert (desk.may_bid, desk.records.is_failing) == (False, True)
        with pytest.raises(WriterBusyError):
            SegmentLog(tmp_path / "worker-0")
    await desk.records.write()
    desk.records.append(bid("shoes", 700))
    await desk.records.write()
    assert (desk.may_bid, desk.board.written[0][SLOT], desk.records.is_failing) == (True, 700, False)


async def test_a_write_that_does_not_end_freezes_the_purse_after_a_second_and_its_end_unfreezes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    moves = threading.Event()
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data) if moves.wait(60) else 0)
    desk.records.append(bid("shoes", 700))
    writing = asyncio.ensure_future(desk.records.write())
    await asyncio.sleep(0)
    desk.now_s += STALLED_SECONDS - 0.1
    desk.records.watch()
    assert desk.may_bid
    desk.now_s += 0.1
    desk.records.watch()
    assert not desk.may_bid
    moves.set()
    await writing
    assert (desk.may_bid, desk.board.written[0][SLOT]) == (True, 700)
