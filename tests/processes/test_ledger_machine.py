"""The ledger against a reference after every step, through edits, crashes of workers and restarts.

What a restart builds anew from store, segments and board says the same as a ledger that forgot nothing which it could
have known.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from bidder.config.schema import Budget, Config
from bidder.domain.money import MICROS, Micros
from bidder.events.frame import frame
from bidder.events.schema import Bid as Recorded
from bidder.events.schema import encode
from bidder.events.segment import SegmentLog
from bidder.ledger.account import PPB
from bidder.ledger.board import Shape
from bidder.ledger.entry import Entry, Fund, Gap
from bidder.ledger.outage import Outages
from bidder.ledger.purse import Purse
from bidder.ledger.store import Batch
from bidder.processes.journal import Journal
from bidder.processes.ledger_standing import Record, recorded, standings
from bidder.processes.recovery import Moment, recover
from bidder.processes.state import State
from bidder.processes.treasury import Treasury, campaigns
from tests.ledger.ledger_reference import FEE_PPB, LONGEST_S, MARGIN_PPB, Bid, Reference
from tests.ledger.memory_store import MemoryStore
from tests.processes.test_treasury import bid as recorded_bid
from tests.processes.test_treasury import configured

OPENED_S = 1_700_000_000
ONE = 0
"""The only worker."""

MEMORY = Path("/dev/shm")  # noqa: S108 - hundreds of restarts need no disk, and wait for one


class Worker:
    """What a bid worker does about money: bids within its grants, and writes records of them."""

    def __init__(self, state: State, treasury: Treasury, slots: Mapping[str, int]) -> None:
        self.slots = slots
        """By campaign."""
        self.purse = Purse(treasury.board, ONE)
        self.life = treasury.begin_life(ONE)
        self.unwritten: list[Bid] = []
        self.written: list[Recorded] = []
        """And not read by control."""
        self._log = SegmentLog(state.segments / "worker-0")

    def bid(self, bid: Bid) -> bool:
        price, slot = Micros(bid.price_micros), self.slots[bid.campaign]
        allowed = self.purse.may_spend(slot, price)
        if allowed:
            self.purse.spend(slot, price)
            self.unwritten.append(bid)
        return allowed

    def write(self) -> None:
        for bid in self.unwritten:
            event = recorded_bid(bid.campaign, bid.price_micros, bid_id=bid.bid_id)
            event = replace(event, at_ms=bid.at_s * 1000, expires_ms=bid.expires_s * 1000)
            self._log.write([frame(encode(event))])
            self.purse.record(self.slots[bid.campaign], Micros(bid.price_micros))
            self.written.append(event)
            bid.written = True
        self.unwritten = []

    def read(self) -> list[Recorded]:
        events, self.written = self.written, []
        return events

    def die(self) -> None:
        """What is not written is lost."""
        self._log.close()


class Prompt(Journal):
    """Has on disk at once what nobody waits for."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._at_once = store

    def state(self, exposures: Mapping[str, int], funds: Iterable[Fund] = (), gaps: Iterable[Gap] = ()) -> None:
        self._at_once.write(Batch(exposures=exposures, funds=[*funds], gaps=[*gaps]))


class Household:
    """All that takes part in money on one machine, but for network and disk; how it begins is told elsewhere."""

    treasury: Treasury
    worker: Worker

    def __init__(self, directory: Path) -> None:
        self.store = MemoryStore()
        self._lines: list[Entry] = []
        self._state = State(directory)

    def commit(self) -> None:
        """Before a notice is acknowledged."""
        self.store.write(Batch(entries=[*self._lines]))
        self._lines.clear()

    def read(self) -> None:
        self.treasury.take_in(ONE, self.worker.read())

    def replace_worker(self) -> None:
        self.worker.die()
        self.read()
        self.treasury.end_life(ONE)
        self.worker = Worker(self._state, self.treasury, self.worker.slots)


class House(Household):
    """One campaign."""

    def __init__(self, directory: Path, config: Config) -> None:
        super().__init__(directory)
        self.config = config
        (self.campaign,) = (each.id for each in campaigns(config))
        self.begin(OPENED_S)

    def begin(self, now_s: int) -> None:
        moment = Moment(now_s, LONGEST_S)
        found = recover(self._state, self.store, Shape(workers=1, slots=2, stats=0), moment, self._lines.append)
        self.treasury = Treasury(found, Prompt(self.store), self.store.funds(), now_s)
        self.book, self.epoch = found.book, found.epoch
        self.fund(self.config)
        self.worker = Worker(self._state, self.treasury, {self.campaign: self.slot})

    def fund(self, config: Config) -> None:
        self.config = config
        self.slot = self.treasury.place(config, 1)[self.campaign]
        self.treasury.serve(config, {self.campaign: self.slot})

    def grant(self, micros: int) -> int:
        granted = self.book.grant(self.campaign, micros)
        self.treasury.board.grant(ONE, self.slot, granted)
        return granted

    def restart(self, now_s: int) -> None:
        self._lines.clear()
        self.worker.die()
        self.begin(now_s)

    def on_disk(self, now_s: int) -> Record:
        """What an audit reads."""
        events = recorded(self._state.segments.glob("worker-*/"), [])
        return Record(
            entries=[*self.store.entries()],
            balances=[*self.store.balances()],
            funds=[*self.store.funds()],
            gaps=[*self.store.gaps(now_s)],
            bids={event.bid_id: event for event in events if isinstance(event, Recorded)},
            board=self.treasury.board,
            outages=Outages(self.store.outages(), LONGEST_S),
            now_s=now_s,
        )

    def close(self) -> None:
        self.worker.die()
        self._state.close()


@cache
def config() -> Config:
    """One campaign, and bids that are open for as long as the reference has it."""
    with TemporaryDirectory() as directory:
        found = configured(Path(directory))
    exchanges: Mapping[str, object] = {
        name: replace(each, exp_seconds=LONGEST_S, exp_seconds_of={}) for name, each in found.exchanges.items()
    }
    return replace(found, exchanges=exchanges)


def with_budget(found: Config, micros: int) -> Config:
    (advertiser,) = found.advertisers
    (campaign,) = advertiser.campaigns
    budget = Budget(total=Decimal(micros) / MICROS)
    campaign = replace(campaign, budget=budget, margin=Decimal(MARGIN_PPB) / PPB)
    return replace(found, advertisers=(replace(advertiser, campaigns=(campaign,)),))


picks = st.integers(0, 1000)
prices = st.integers(0, 60)


class Ledgers(RuleBasedStateMachine):
    """A worker that bids, an exchange that says anything in any order, a manager who edits, and a power switch."""

    @initialize(budget=st.integers(50, 200))
    def open_the_house(self, budget: int) -> None:
        self.directory = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.budget = self.bound = self.committed = budget
        self.house = House(Path(self.directory.name) / "state", with_budget(config(), budget))
        self.reference = Reference(OPENED_S)
        self.follow_the_house()
        self.make_a_bid(10, 40, 30)

    @rule(budget=st.integers(0, 200))
    def edit(self, budget: int) -> None:
        self.house.fund(with_budget(self.house.config, budget))
        self.budget, self.bound = budget, max(budget, self.at_stake())

    @rule(price=st.integers(1, 30), seconds=st.integers(1, LONGEST_S), grant=st.integers(0, 60))
    def bid(self, price: int, seconds: int, grant: int) -> None:
        self.make_a_bid(price, seconds, grant)

    @rule()
    def write_the_records(self) -> None:
        self.house.worker.write()

    @rule()
    def read_the_records(self) -> None:
        for event in self.house.worker.written:
            self.reference.know(self.reference.bids[event.bid_id])
        self.house.read()

    @rule(pick=picks, price=prices)
    def bill(self, pick: int, price: int) -> None:
        bid = self.picked(pick)
        assert self.house.book.bill(bid, price, self.reference.now_s, FEE_PPB) == self.reference.bill(bid, price)
        self.house.commit()

    @rule(pick=picks)
    def win(self, pick: int) -> None:
        self.house.book.win(self.picked(pick), self.reference.now_s)
        self.reference.tell(self.picked(pick), "win")
        self.house.commit()

    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        self.house.book.lose(self.picked(pick), self.reference.now_s)
        self.reference.tell(self.picked(pick), "loss")
        self.house.commit()

    @rule(seconds=st.integers(1, 30) | st.just(4000))
    def pass_time(self, seconds: int) -> None:
        self.reference.now_s += seconds
        self.reference.alive_s = self.reference.now_s
        self.house.treasury.tick(self.reference.now_s)

    @rule()
    def lose_the_worker(self) -> None:
        self.reference.end_life()
        self.house.replace_worker()
        self.follow_the_house()

    @rule(down_s=st.integers(0, 20))
    def restart(self, down_s: int) -> None:
        self.reference.restart(down_s)
        self.house.restart(self.reference.now_s)
        self.follow_the_house()

    @rule(pick=picks, price=prices)
    def restart_before_a_bill_is_written(self, pick: int, price: int) -> None:
        """Nobody was told that it is booked."""
        self.house.book.bill(self.picked(pick), price, self.reference.now_s)
        self.restart(0)

    @rule(price=st.integers(1, 30), billed=prices, seconds=st.integers(1, 20), pause_s=st.integers(0, 20))
    def bill_a_bid_without_a_record_between_two_ends(self, price: int, billed: int, seconds: int, pause_s: int) -> None:
        """And it may be over by the second one, while others that were lost with it may not."""
        self.make_a_bid(price, seconds, price)
        self.lose_the_worker() if price % 2 else self.restart(0)
        self.bill(0, billed)
        self.pass_time(max(1, pause_s))
        self.restart(0)

    @invariant()
    def the_book_says_what_the_reference_says(self) -> None:
        account = self.house.book.accounts[self.house.campaign]
        assert (account.spent, account.held, account.unspent, account.late) == self.reference.sums()
        assert (account.margin, account.fee) == self.reference.owed()
        days = self.house.store.balances()
        assert sum(day.spent_micros for day in days) == account.spent
        assert sum(day.late_micros for day in days) == account.late
        assert self.house.treasury.ungranted == 0
        self.house.book.audit()

    @invariant()
    def what_may_be_spent_never_exceeds_the_budget_unless_an_edit_lowers_it(self) -> None:
        assert self.at_stake() <= self.bound

    @invariant()
    def what_the_book_has_committed_never_exceeds_the_budget_unless_an_edit_lowers_it(self) -> None:
        committed = self.house.book.accounts[self.house.campaign].committed - self.reference.held_twice()
        assert committed <= max(self.budget, self.committed)
        self.committed = committed

    @invariant()
    def what_is_on_disk_adds_up_to_what_the_book_says_once_all_records_are_read(self) -> None:
        if self.house.worker.unwritten or self.house.worker.written:
            return
        account = self.house.book.accounts[self.house.campaign]
        (found,) = standings(self.house.on_disk(self.reference.now_s))
        assert (found.spent, found.unspent) == (account.spent, account.unspent)
        assert 0 <= account.held - found.held - found.unnamed <= self.reference.held_longer()

    def teardown(self) -> None:
        self.house.close()
        self.directory.cleanup()

    def make_a_bid(self, price: int, seconds: int, grant: int) -> None:
        self.reference.granted += self.house.grant(grant)
        now_s, number = self.reference.now_s, len(self.reference.bids)
        made = Bid(number, self.house.campaign, now_s, now_s + seconds, price, self.house.worker.life, self.house.epoch)
        if self.house.worker.bid(made):
            self.reference.bids.append(made)

    def at_stake(self) -> int:
        """What exchanges may bill within the budget, and what the worker may yet bid.

        A bid whose record is still to be read is held from then on, however late that is.
        """
        of = self.reference
        may_come = (bid for bid in of.bids if of.is_open(bid) or (bid.due_s is None and bid.life == of.life))
        stakes = (bid.price_micros for bid in may_come)
        spent, *_ = self.reference.sums()
        return spent + sum(stakes) + self.house.treasury.board.unspent(self.house.slot)

    def follow_the_house(self) -> None:
        self.reference.life, self.reference.epoch = self.house.worker.life, self.house.epoch

    def picked(self, pick: int) -> Bid:
        return self.reference.bids[-1 - pick % len(self.reference.bids)]


class TestLedgers(Ledgers.TestCase):
    settings = settings(max_examples=30, stateful_step_count=50, deadline=None)


@pytest.mark.slow
class TestLedgersAtLength(Ledgers.TestCase):
    settings = settings(max_examples=1500, stateful_step_count=60, deadline=None)
