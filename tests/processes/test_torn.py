"""Files cut at any byte, as power cuts leave them: what was acknowledged is there, or nothing is bid on the rest."""

import asyncio
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bidder.ledger.board import Board, Shape
from bidder.ledger.sqlite import SqliteStore
from bidder.processes.journal import Journal
from bidder.processes.ledger_audit import audit
from bidder.processes.recovery import Moment, Recovered, recover
from bidder.processes.state import State, StateError
from tests.domain.tickets import NOW_S
from tests.ledger.lines import bill, win

COMMITS = 12
SHAPE = Shape(workers=1, slots=4, stats=0)


class Cut(Struct, frozen=True):
    """A state directory, and how its log grew."""

    directory: Path
    log_bytes: list[int]
    """The length of the log after each commit, the first being that before any."""


async def acknowledge(directory: Path) -> list[int]:
    """Twelve commits of two lines each, all witnessed by the board; how the log grew."""
    state = State(directory)
    store = SqliteStore(state.ledger)
    journal = Journal(store)
    found = recover(state, store, SHAPE, Moment(NOW_S, 60), journal.post)
    journal.witness = found.board.witness
    log = state.ledger.with_name("ledger.db-wal")
    sizes = [log.stat().st_size]
    for bid_id in range(COMMITS):
        journal.post(win(bid_id))
        journal.post(bill(bid_id))
        await journal.safe(bid_id)
        sizes.append(log.stat().st_size)
    shutil.copytree(directory, directory.with_name("crashed"))
    await journal.close()
    state.close()
    return sizes


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    directory = tmp_path_factory.mktemp("torn")
    sizes = asyncio.run(acknowledge(directory / "state"))
    return Cut(directory / "crashed", sizes)


def restart(directory: Path) -> tuple[Recovered, list[int]]:
    """What the next control process finds: the book, and the bids that are billed."""
    state = State(directory)
    try:
        with closing(SqliteStore(state.ledger)) as store:
            found = recover(state, store, SHAPE, Moment(NOW_S + 1, 60), lambda _: None)
            return found, [entry.bid_id for entry in store.entries() if entry.kind == "bill"]
    finally:
        state.close()


def torn(cut: Cut, at: int, acknowledged: int) -> Path:
    """A copy whose log is cut at a byte, and whose board had seen so many commits when the power went."""
    directory = cut.directory.with_name("copy")
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(cut.directory, directory)
    log = directory / "ledger.db-wal"
    log.write_bytes(log.read_bytes()[:at])
    board = Board.found(directory / "board")
    assert board is not None
    board.witness(2 * acknowledged)
    board.mark(epoch=board.epoch, boot=1)
    return directory


@settings(max_examples=60, deadline=None)
@given(acknowledged=st.integers(0, COMMITS - 1), share=st.floats(0, 1))
def test_a_log_cut_after_what_was_acknowledged_loses_nothing_of_it_and_whole_commits_only(
    cut: Cut, acknowledged: int, share: float
) -> None:
    least, most = cut.log_bytes[acknowledged], cut.log_bytes[-1]
    directory = torn(cut, least + round(share * (most - least)), acknowledged)
    found, bills = restart(directory)
    assert bills == list(range(len(bills)))
    assert len(bills) >= acknowledged
    assert found.board.safe_lines == 2 * len(bills)
    assert audit(directory, NOW_S).differences == []


@settings(max_examples=60, deadline=None)
@given(acknowledged=st.integers(1, COMMITS), share=st.floats(0, 1))
def test_a_log_cut_within_what_was_acknowledged_is_refused_until_somebody_decides(
    cut: Cut, acknowledged: int, share: float
) -> None:
    least, most = cut.log_bytes[0], cut.log_bytes[acknowledged] - 1
    directory = torn(cut, least + round(share * (most - least)), acknowledged)
    with pytest.raises(StateError, match=f"of {2 * acknowledged} lines that were safe on disk [0-9]+ are there"):
        restart(directory)
    (shorter,) = audit(directory, NOW_S).differences
    assert shorter.startswith(f"the journal: {2 * acknowledged} lines were safe on disk")
    (directory / "board").unlink()
    found, bills = restart(directory)
    assert len(bills) < acknowledged
    assert found.board.safe_lines == 2 * len(bills)


def test_a_ledger_that_is_gone_is_refused_where_a_board_remembers_it(cut: Cut) -> None:
    directory = torn(cut, 0, acknowledged=3)
    for file in directory.glob("ledger.db*"):
        file.unlink()
    with pytest.raises(StateError, match=r"ledger\.db: of 6 lines that were safe on disk 0 are there"):
        restart(directory)
