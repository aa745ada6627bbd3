"""The board: numbers that two sides of one file see, and files that are no board."""

import multiprocessing
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from bidder.domain.money import Micros
from bidder.ledger.board import PPB, Board, Shape, WrongBoardError
from bidder.ledger.purse import Purse
from tests.events.disk import no_file_longer_than

SHAPE = Shape(workers=2, slots=4, stats=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board"


def both_sides(path: Path) -> tuple[Board, Board]:
    """The board as control and as a worker map it."""
    return Board.create(path, SHAPE), Board.open(path, SHAPE)


def test_a_worker_may_spend_what_was_granted_to_it_and_no_more(path: Path) -> None:
    control, worker = both_sides(path)
    purse = Purse(worker, 1)
    assert not purse.may_spend(2, Micros(1))
    control.grant(1, 2, 100)
    assert purse.may_spend(2, Micros(100))
    assert not purse.may_spend(2, Micros(101))
    purse.spend(2, Micros(60))
    assert purse.may_spend(2, Micros(40))
    assert not purse.may_spend(2, Micros(41))
    assert control.unspent(2) == 40


def test_a_board_that_the_disk_has_no_room_for_is_not_made(path: Path) -> None:
    """Nor is one with holes, which would end whoever writes to them once the disk is full."""
    Board.create(path, SHAPE)
    assert path.stat().st_blocks * 512 >= path.stat().st_size
    with no_file_longer_than(1024), pytest.raises(OSError, match="File too large"):
        Board.create(path, Shape(workers=2, slots=400, stats=3))
    assert Board.found(path) is not None


def test_workers_and_campaigns_do_not_touch_each_others_numbers(path: Path) -> None:
    control, worker = both_sides(path)
    expected = {}
    for number in range(SHAPE.workers):
        purse = Purse(worker, number)
        for slot in range(SHAPE.slots):
            expected[number, slot] = 1000 * number + 10 * slot + 7
            control.grant(number, slot, 10_000)
            purse.spend(slot, Micros(expected[number, slot]))
        purse.beat(5_000 + number)
        for index in range(SHAPE.stats):
            purse.stats[index] += 100 * number + index
    control.generation, control.control_beat_ms = 9, 123
    assert {(w, c): control.bid[w][c] for w in range(2) for c in range(4)} == expected
    assert [row.tolist() for row in worker.granted] == [[10_000] * 4] * 2
    assert [row.tolist() for row in control.stats] == [[0, 1, 2], [100, 101, 102]]
    assert control.heartbeats_ms.tolist() == [5_000, 5_001]
    assert (worker.generation, worker.control_beat_ms) == (9, 123)


def test_every_cell_of_the_file_belongs_to_one_section() -> None:
    sections = list(SHAPE.sections())
    assert sections[0].start == 0
    assert all(before.stop == after.start for before, after in pairwise(sections))
    assert SHAPE.size_bytes == sections[-1].stop * 8


def test_throttle_and_multiplier_are_one_until_control_says_otherwise(path: Path) -> None:
    control, worker = both_sides(path)
    purse = Purse(worker, 0)
    assert (purse.throttle_ppb(3), purse.multiplier_ppb(3)) == (PPB, PPB)
    control.throttle_ppb[3], control.multiplier_ppb[3] = PPB // 2, PPB // 4
    assert (purse.throttle_ppb(3), purse.multiplier_ppb(3)) == (PPB // 2, PPB // 4)
    assert (purse.throttle_ppb(2), purse.multiplier_ppb(2)) == (PPB, PPB)


def test_numbers_outlive_the_processes_that_mapped_the_file(path: Path) -> None:
    control, worker = both_sides(path)
    control.grant(0, 1, 2**62)
    Purse(worker, 0).spend(1, Micros(2**61))
    del control, worker
    again = Board.open(path, SHAPE)
    assert (again.granted[0][1], again.bid[0][1]) == (2**62, 2**61)


def test_a_worker_that_loads_a_generation_gives_back_the_grants_of_campaigns_that_are_gone(path: Path) -> None:
    control, worker = both_sides(path)
    purse = Purse(worker, 0)
    for slot in range(3):
        control.grant(0, slot, 100)
        purse.spend(slot, Micros(30))
    purse.load(7, {1, 3})
    assert [purse.may_spend(slot, Micros(1)) for slot in range(4)] == [False, True, False, False]
    assert control.returned[0].tolist() == [70, 0, 70, 0]
    assert control.loaded.tolist() == [7, 0]
    purse.load(8, {1, 3})
    assert control.returned[0].tolist() == [70, 0, 70, 0]


def test_a_new_board_takes_the_place_of_the_old_one_and_starts_from_nothing(path: Path) -> None:
    old = Board.create(path, SHAPE)
    old.grant(0, 0, 5)
    Board.create(path, SHAPE)
    assert Board.open(path, SHAPE).granted[0][0] == 0
    assert old.granted[0][0] == 5


@pytest.mark.parametrize(
    "other", [Shape(3, 4, 3), Shape(2, 5, 3), Shape(2, 4, 2), Shape(4, 2, 3)], ids=["workers", "slots", "stats", "both"]
)
def test_a_board_of_another_shape_is_refused(path: Path, other: Shape) -> None:
    Board.create(path, other)
    with pytest.raises(WrongBoardError, match=str(path)):
        Board.open(path, SHAPE)


@pytest.mark.parametrize("cell", range(5))
def test_a_file_whose_heading_says_something_else_is_refused(path: Path, cell: int) -> None:
    Board.create(path, SHAPE)
    with path.open("r+b") as file:
        file.seek(8 * cell)
        file.write(struct.pack("=q", 77))
    with pytest.raises(WrongBoardError, match="found"):
        Board.open(path, SHAPE)


@pytest.mark.parametrize("content", [b"", b"\0" * 8, b"\0" * SHAPE.size_bytes], ids=["empty", "short", "zeros"])
def test_a_file_that_is_no_board_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(WrongBoardError):
        Board.open(path, SHAPE)


def test_a_board_that_is_not_there_is_not_made_by_opening(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Board.open(path, SHAPE)


@pytest.mark.parametrize("shape", [Shape(0, 1, 1), Shape(1, 0, 1), Shape(1, 1, -1)])
def test_a_board_for_nobody_is_not_made(path: Path, shape: Shape) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Board.create(path, shape)


def test_a_board_without_counters_is_a_board(path: Path) -> None:
    shape = Shape(1, 1, 0)
    Board.create(path, shape)
    assert len(Purse(Board.open(path, shape), 0).stats) == 0


def bid_in_another_process(path: Path, worker: int) -> None:
    """Bid all that is granted, one micro at a time."""
    purse = Purse(Board.open(path, SHAPE), worker)
    while purse.may_spend(0, Micros(1)):
        purse.spend(0, Micros(1))


def test_workers_in_processes_of_their_own_use_up_their_grants_and_stop(path: Path) -> None:
    control = Board.create(path, SHAPE)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=bid_in_another_process, args=(path, number)) for number in range(2)]
    control.grant(0, 0, 20_000)
    control.grant(1, 0, 30_000)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [control.bid[number][0] for number in range(2)] == [20_000, 30_000]
