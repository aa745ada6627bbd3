"""Slots: a campaign keeps its place, and nobody inherits money with a place."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from bidder.domain.money import Micros
from bidder.ledger.board import PPB, Board, Shape
from bidder.ledger.purse import Purse
from bidder.ledger.slots import NoSlotError, Slots

SHAPE = Shape(workers=2, slots=3, stats=0)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board.create(tmp_path / "board", SHAPE)


def assigned(
    slots: Slots, campaigns: Iterable[str], generation: int = 1, open_ones: Iterable[str] = ()
) -> dict[str, int]:
    return slots.assign(campaigns, generation, set(open_ones).__contains__)


def load(board: Board, generation: int, *slots: int) -> None:
    """All workers load a generation with campaigns in these slots."""
    for worker in range(SHAPE.workers):
        Purse(board, worker).load(generation, slots)


def test_a_campaign_keeps_its_slot_whatever_comes_and_goes_around_it(board: Board) -> None:
    slots = Slots(board)
    assert assigned(slots, ["a", "b"]) == {"a": 0, "b": 1}
    assert assigned(slots, ["b", "c"], 2) == {"b": 1, "c": 2}
    assert assigned(slots, ["c", "b", "a"], 3) == {"c": 2, "b": 1, "a": 0}


def test_slots_are_known_again_after_a_restart(tmp_path: Path, board: Board) -> None:
    names = ["a" * 64, "größe", "c"]
    before = assigned(Slots(board), names)
    assert assigned(Slots(Board.open(tmp_path / "board", SHAPE)), reversed(names)) == before


def test_a_slot_is_not_given_away_in_the_generation_that_frees_it(board: Board) -> None:
    slots = Slots(board)
    assigned(slots, ["a", "b", "c"])
    load(board, 1, 0, 1, 2)
    with pytest.raises(NoSlotError, match="1 new campaigns, 0 of 3"):
        assigned(slots, ["a", "b", "d"], 2)


def test_a_slot_is_given_away_once_all_workers_have_let_go_of_it(board: Board) -> None:
    slots = Slots(board)
    assigned(slots, ["a", "b", "c"])
    board.throttle_ppb[1] = 5
    assigned(slots, ["a", "c"], 2)
    Purse(board, 0).load(2, {0, 2})
    with pytest.raises(NoSlotError):
        assigned(slots, ["a", "c", "d"], 3)
    Purse(board, 1).load(2, {0, 2})
    assert assigned(slots, ["a", "c", "d"], 3) == {"a": 0, "c": 2, "d": 1}
    assert board.throttle_ppb[1] == PPB


def test_a_slot_is_not_given_away_while_a_worker_may_still_bid_on_it(board: Board) -> None:
    slots = Slots(board)
    assigned(slots, ["a", "b", "c"])
    assigned(slots, ["a", "b"], 2)
    load(board, 2, 0, 1)
    board.grant(1, 2, 10)
    with pytest.raises(NoSlotError):
        assigned(slots, ["a", "b", "d"], 3)
    Purse(board, 1).spend(2, Micros(10))
    assert assigned(slots, ["a", "b", "d"], 3)["d"] == 2


def test_a_slot_is_not_given_away_while_the_book_holds_money_for_its_campaign(board: Board) -> None:
    slots = Slots(board)
    assigned(slots, ["a", "b", "c"])
    assigned(slots, ["a", "b"], 2)
    load(board, 2, 0, 1)
    with pytest.raises(NoSlotError):
        assigned(slots, ["a", "b", "d"], 3, open_ones=["c"])
    assert assigned(slots, ["a", "b", "d"], 3)["d"] == 2


def test_a_campaign_that_comes_back_in_time_keeps_its_slot(board: Board) -> None:
    slots = Slots(board)
    assigned(slots, ["a", "b", "c"])
    assigned(slots, ["a", "b"], 2)
    assert assigned(slots, ["a", "b", "c"], 3)["c"] == 2
    load(board, 3, 0, 1, 2)
    with pytest.raises(NoSlotError):
        assigned(slots, ["a", "b", "d"], 4)


def test_a_refused_assignment_changes_nothing(board: Board) -> None:
    slots = Slots(board)
    before = assigned(slots, ["a", "b"])
    with pytest.raises(NoSlotError):
        assigned(slots, ["c", "d"], 2)
    assert assigned(slots, ["a", "b", "e"], 2) == {**before, "e": 2}


@pytest.mark.parametrize("name", ["", "x" * 65, "ü" * 33])
def test_a_name_that_the_board_cannot_hold_is_refused(board: Board, name: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        assigned(Slots(board), [name])
