"""Files cut at any byte, as power cuts leave them: what was acknowledged is there, or nothing is bid on the rest."""

import asyncio
import shutil
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bidder.config.schema import Budget, Config
from bidder.domain.money import Micros
from bidder.domain.outcome import Outcome
from bidder.events.recorder import Limits
from bidder.events.schema import Bid
from bidder.ledger.board import Board, Shape
from bidder.ledger.entry import LIFE_BITS
from bidder.ledger.purse import Purse
from bidder.ledger.sqlite import SqliteStore
from bidder.processes.journal import Journal
from bidder.processes.ledger_audit import audit
from bidder.processes.open_bids import claim
from bidder.processes.recovery import Moment, Recovered, recover
from bidder.processes.state import State, StateError
from bidder.processes.treasury import Treasury, longest_hold_s, shape_for
from bidder.processes.worker_records import WorkerRecords
from tests.domain.tickets import NOW_S
from tests.ledger.lines import bill, win
from tests.processes.served import Bidder, fetch, is_running, serving, until
from tests.processes.test_disks import bid_of
from tests.processes.test_serve import billed
from tests.processes.test_treasury import NOON_S, bid, configured

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


@settings(max_examples=40, deadline=None)
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


@settings(max_examples=40, deadline=None)
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


def test_a_bidder_whose_ledger_forgot_does_not_start_until_somebody_decides(tmp_path: Path) -> None:
    with serving(tmp_path) as bidder:
        bid = bid_of(bidder)
        url = bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))
        assert fetch(url)[0] == 204
        processes = [*bidder.controls(), *bidder.workers()]
        bidder.process.kill()
        bidder.exit_code()
        until(lambda: not any(map(is_running, processes)), "all gone")
    for log in (tmp_path / "state").glob("ledger.db-*"):
        log.unlink()
    refused = Bidder(tmp_path)
    assert refused.exit_code() == 2
    assert "lines that were safe on disk 0 are there, so acknowledged notices are lost" in refused.log.read_text()
    (tmp_path / "state/board").unlink()
    with Bidder(tmp_path) as again:
        bid_of(again)


def test_a_bidder_cuts_torn_tails_of_log_and_records_and_goes_on_with_all_that_was_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as bidder:
        bid = bid_of(bidder)
        assert fetch(bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"])))[0] == 204
        processes = [*bidder.controls(), *bidder.workers()]
        bidder.process.kill()
        bidder.exit_code()
        until(lambda: not any(map(is_running, processes)), "all gone")
    tails = [*(tmp_path / "state").glob("ledger.db-wal"), *(tmp_path / "state/segments").glob("*/*.seg")]
    assert len(tails) >= 3
    for tail in tails:
        with tail.open("ab") as file:
            file.write(b"\x07" * 999)
    with Bidder(tmp_path) as again:
        bid_of(again)
        assert billed(again) == [int(bid["id"], 16)]
        assert audit(again.state, time.time()).differences == []


PRICE = Micros(1000)
TOTAL_MICROS = 50_000


class Served:
    """What a worker bid and recorded before the power went, in segments of which the disk may have kept any part."""

    def __init__(self, config: Config, directory: Path, bids: list[Bid]) -> None:
        self.config, self.directory, self.bids = config, directory, bids


def budgeted(directory: Path) -> Config:
    return configured(directory, budget=Budget(total=Decimal(TOTAL_MICROS) / 10**6), max_cpm=Decimal(1))


class House:
    """A treasury in a state directory, and its first worker."""

    def __init__(self, directory: Path, config: Config) -> None:
        self.state = State(directory)
        self.store = SqliteStore(self.state.ledger)
        self.journal = Journal(self.store)
        moment = Moment(NOON_S, longest_hold_s(config))
        recovered = recover(self.state, self.store, shape_for(config, 1), moment, self.journal.post)
        self.money = Treasury(recovered, self.journal, self.store.funds(), NOON_S)
        ((self.campaign, self.slot),) = self.money.place(config, 1).items()
        self.money.serve(config, {self.campaign: self.slot})
        self.life = self.money.begin_life(0)
        self.purse = Purse(self.money.board, 0)

    async def bids(self, first: int, most: int) -> list[Bid]:
        """So many bids at most, as far as the grants of a round reach."""
        await self.money.round()
        made: list[Bid] = []
        while len(made) < most and self.purse.may_spend(self.slot, PRICE):
            self.purse.spend(self.slot, PRICE)
            made.append(bid(self.campaign, PRICE, bid_id=first + len(made)))
        return made

    async def close(self) -> None:
        await self.journal.close()
        self.state.close()


async def serve(directory: Path, config: Config) -> list[Bid]:
    """Thirty bids, all recorded, most of them read."""
    house = House(directory, config)
    records = WorkerRecords(directory / "segments/worker-0", Limits(), house.money.board, house.purse)
    made: list[Bid] = []
    while len(made) < 30:
        fresh = await house.bids(len(made) + 1, 30 - len(made))
        for each in fresh:
            records.append(each)
        await records.write()
        if len(made) < 24:
            house.money.take_in(0, fresh)
        made += fresh
    await house.journal.commit()
    shutil.copytree(directory, directory.with_name("dark"))
    records.close()
    await house.close()
    return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    directory = tmp_path_factory.mktemp("segments")
    config = budgeted(directory)
    bids = asyncio.run(serve(directory / "state", config))
    return Served(config, directory / "dark", bids)


async def settle(directory: Path, served: Served) -> None:
    """After the power cut every bid is billed, once and within the budget, whoever else bids on it."""
    house = House(directory, served.config)
    account = house.money.book.accounts[house.campaign]
    life = house.life - (1 << LIFE_BITS)
    for number in range(40):
        await house.bids(1000 * (number + 1), 100)
        if number < len(served.bids):
            outcome = house.money.book.bill(claim(served.bids[number], life), PRICE, NOON_S + 1)
            assert outcome in {Outcome.COUNTED, Outcome.UNRECORDED}
    assert (account.spent, account.late) == (PRICE * len(served.bids), 0)
    assert account.spent + account.held + account.unspent <= TOTAL_MICROS
    house.money.book.audit()
    await house.close()


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 1))
def test_segments_cut_anywhere_by_a_power_cut_cost_neither_a_bill_nor_the_budget(served: Served, share: float) -> None:
    directory = served.directory.with_name("light")
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(served.directory, directory)
    (segment,) = (directory / "segments/worker-0").glob("*.seg")
    data = segment.read_bytes()
    segment.write_bytes(data[: round(share * len(data))])
    board = Board.found(directory / "board")
    assert board is not None
    board.mark(board.epoch, boot=1)
    asyncio.run(settle(directory, served))
