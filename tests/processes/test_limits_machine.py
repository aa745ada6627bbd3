"""Limits of days, clock hours and flights, of campaigns and of the group that they share, against sums added up anew.

Two campaigns bid about midnight, on days of 23 and 25 hours too, while budgets are raised and lowered, campaigns join
and leave the group or are removed, workers and control end and come back, on the same day or on another one.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from bidder.config.schema import Budget, Campaign, Config, Group
from bidder.domain.money import MICROS
from bidder.ledger.board import Shape
from bidder.ledger.grants import Grants
from bidder.processes.journal import Journal
from bidder.processes.recovery import Moment, recover
from bidder.processes.treasury import Treasury
from tests.ledger.ledger_reference import FEE_PPB, LONGEST_S, Bid, Reference
from tests.processes.test_ledger_machine import MEMORY, Household, Worker, config

NAMES = ("one", "two")
TEAM = "team"
MOST = 30
"""What a bid may cost, in micros."""
TIGHT = 70
AMPLE = 5000
"""Limits, in micros."""

DAYS = {
    "Europe/Berlin": "2026-10-25",  # 25 hours
    "America/New_York": "2026-03-08",  # 23 hours
    "America/Santiago": "2026-09-06",  # it begins at one o'clock
    "Asia/Kathmandu": "2026-03-01",  # its hours begin at a quarter of ours
}
"""Special days, by the timezone of the campaigns."""


class Limits(NamedTuple):
    """Micros; None is no limit."""

    total: int | None = None
    day: int | None = None
    hour: int | None = None

    @property
    def budget(self) -> Budget:
        """As a configuration has it; one of them has to be there."""
        total, day, hour = (None if micros is None else Decimal(micros) / MICROS for micros in self)
        return Budget(total=total if (total, day) != (None, None) else Decimal(1000), daily=day, hourly=hour)


class Tight(NamedTuple):
    """Which limit is reached before all others."""

    of: str
    """`own`: of each campaign; or of their group."""
    kind: str

    def limits(self, of: str) -> Limits:
        """What the plan begins with for a campaign or the group: some bids, or more than a worker ever bids here."""
        ample = Limits(total=AMPLE)
        return ample._replace(**{self.kind: TIGHT}) if (of == TEAM) == (self.of == TEAM) else ample


class Plan:
    """What the manager has configured."""

    def __init__(self, zone: str, tight: Tight) -> None:
        self.limits = {name: tight.limits(name) for name in (*NAMES, TEAM)}
        self.grouped = dict.fromkeys(NAMES, True)
        self.present = dict.fromkeys(NAMES, True)
        (self._advertiser,) = config().advertisers
        (campaign,) = self._advertiser.campaigns
        self._pattern = replace(campaign, flight=replace(campaign.flight, timezone=zone))

    def config(self) -> Config:
        campaigns = tuple(self._campaign(name) for name in NAMES if self.present[name])
        group = Group(id=TEAM, budget=self.limits[TEAM].budget)
        advertiser = replace(self._advertiser, campaigns=campaigns, groups=(group,), group=None)
        return replace(config(), advertisers=(advertiser,))

    def members(self, name: str) -> list[str]:
        """The campaigns whose money a budget limits. One that is gone stays in the group that it was in."""
        return [name] if name in NAMES else [each for each in NAMES if self.grouped[each]]

    def _campaign(self, name: str) -> Campaign:
        group = TEAM if self.grouped[name] else None
        return replace(self._pattern, id=name, budget=self.limits[name].budget, group=group)


class House(Household):
    """Two campaigns, as they are configured."""

    def __init__(self, directory: Path, plan: Plan, now_s: int) -> None:
        super().__init__(directory)
        self._plan = plan
        self._loop = asyncio.new_event_loop()
        self.begin(now_s)

    def begin(self, now_s: int) -> None:
        shape = Shape(workers=1, slots=len(NAMES), stats=0)
        found = recover(self._state, self.store, shape, Moment(now_s, LONGEST_S), self._lines.append)
        self._journal = Journal(self.store)
        self.treasury = Treasury(found, self._journal, self.store.funds(), now_s)
        self.book, self.board, self.epoch = found.book, found.board, found.epoch
        self._grants = Grants(self.book, self.board)
        self.generation = 0
        self.worker = Worker(self._state, self.treasury, {})
        self.serve()

    def serve(self) -> None:
        """An edit goes live."""
        live = self._plan.config()
        self.generation += 1
        slots = self.treasury.place(live, self.generation)
        self.worker.slots = {**self.worker.slots, **slots}
        self.worker.purse.load(self.generation, slots.values())
        self.treasury.serve(live, slots)
        self._grants.serve(slots, dict.fromkeys(slots, MOST))
        self._loop.run_until_complete(self._journal.commit())

    def grant(self) -> None:
        self.worker.purse.answer_recalls()
        self._grants.round()

    def restart(self, now_s: int) -> None:
        self._lines.clear()
        self.worker.die()
        self._loop.run_until_complete(self._journal.close())
        self.begin(now_s)

    def unspent(self, name: str) -> int:
        """What the worker may yet bid."""
        slot = self.board.slots_by_name().get(name)
        return 0 if slot is None else self.board.unspent(slot)

    def close(self) -> None:
        self.worker.die()
        self._loop.run_until_complete(self._journal.close())
        self._loop.close()
        self._state.close()


names = st.sampled_from(NAMES)
budgets = st.sampled_from((*NAMES, TEAM))
micros = st.none() | st.integers(0, 200)
picks = st.integers(0, 1000)
tights = st.builds(Tight, st.sampled_from(["own", TEAM]), st.sampled_from(["total", "day", "hour"]))


class Calendar(RuleBasedStateMachine):
    """A worker that bids, exchanges that bill, a manager who edits, clocks that strike midnight."""

    @initialize(zone=st.sampled_from(sorted(DAYS)), tight=tights)
    def open_the_house(self, zone: str, tight: Tight) -> None:
        self.zone = ZoneInfo(zone)
        now_s = int(datetime.fromisoformat(DAYS[zone]).replace(tzinfo=self.zone).timestamp()) - 40
        self.directory = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.plan = Plan(zone, tight)
        self.house = House(Path(self.directory.name) / "state", self.plan, now_s)
        self.references = {name: Reference(now_s) for name in NAMES}
        self.spent: list[tuple[str, int, int]] = []
        """Campaign, when, and how many micros."""
        self.bids: list[Bid] = []
        self.at_stake: dict[tuple[str, str], int] = {}
        self.follow_the_house()
        self.house.grant()
        self.make_a_bid("one", 10, LONGEST_S)
        self.bid_until_a_limit_is_reached("one", 20)
        self.bid_until_a_limit_is_reached("two", 20)

    @rule(of=budgets, total=micros, day=micros, hour=micros)
    def edit(self, of: str, total: int | None, day: int | None, hour: int | None) -> None:
        self.plan.limits[of] = Limits(total, day, hour)
        self.go_live()

    @rule(name=names)
    def join_or_leave_the_group(self, name: str) -> None:
        if self.plan.present[name]:
            self.plan.grouped[name] = not self.plan.grouped[name]
            self.go_live()

    @rule(name=names)
    def remove_or_add(self, name: str) -> None:
        self.plan.present[name] = not self.plan.present[name]
        self.go_live()
        self.bid_until_a_limit_is_reached("two" if name == "one" else "one", 20)

    @rule()
    def grant(self) -> None:
        self.house.grant()

    @rule(name=names, price=st.integers(1, MOST), seconds=st.integers(1, LONGEST_S))
    def bid(self, name: str, price: int, seconds: int) -> None:
        self.house.grant()
        self.make_a_bid(name, price, seconds)

    @rule(name=names, price=st.integers(10, MOST))
    def bid_until_a_limit_is_reached(self, name: str, price: int) -> None:
        """Every other bid is billed."""
        for number in range(2 * TIGHT // price):
            self.house.grant()
            if not self.make_a_bid(name, price, LONGEST_S):
                return
            if number % 2 == 0:
                self.bill(0, price)

    @rule()
    def write_the_records(self) -> None:
        self.house.worker.write()

    @rule()
    def read_the_records(self) -> None:
        for event in self.house.worker.written:
            reference = self.references[event.campaign]
            reference.know(next(bid for bid in reference.bids if bid.bid_id == event.bid_id))
        self.house.read()

    @rule(pick=picks, price=st.integers(0, MOST))
    def bill(self, pick: int, price: int) -> None:
        bid = self.bids[-1 - pick % len(self.bids)]
        reference = self.references[bid.campaign]
        before = bid.spent
        assert self.house.book.bill(bid, price, self.now_s, FEE_PPB) == reference.bill(bid, price)
        self.spent.append((bid.campaign, self.now_s, bid.spent - before))
        self.house.commit()

    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        bid = self.bids[-1 - pick % len(self.bids)]
        self.house.book.lose(bid, self.now_s)
        self.references[bid.campaign].tell(bid, "loss")
        self.house.commit()

    @rule(seconds=st.integers(1, 30) | st.sampled_from([900, 3600, 7200]))
    def pass_time(self, seconds: int) -> None:
        self.turn_the_clock_to(self.now_s + seconds)

    @rule(off_s=st.integers(-30, 30))
    def pass_time_to_about_midnight(self, off_s: int) -> None:
        self.turn_the_clock_to(max(self.now_s + 1, self.next_midnight_s() + off_s))
        self.bid_until_a_limit_is_reached("one", 20)

    @rule()
    def lose_the_worker(self) -> None:
        for reference in self.references.values():
            reference.end_life()
        self.house.replace_worker()
        self.follow_the_house()

    @rule(down_s=st.integers(0, 30) | st.sampled_from([3600, 90_000]))
    def restart(self, down_s: int) -> None:
        for reference in self.references.values():
            reference.restart(down_s)
        self.house.restart(self.now_s)
        self.follow_the_house()
        self.bid_until_a_limit_is_reached("two", 20)

    @rule()
    def restart_across_midnight(self) -> None:
        self.restart(self.next_midnight_s() + 5 - self.now_s)

    @invariant()
    def the_book_says_what_the_sums_say(self) -> None:
        for name, reference in self.references.items():
            account = self.house.book.accounts[name]
            spent, held, _, late = reference.sums()
            assert (account.spent, account.held, account.late) == (spent, held, late)
            assert account.spent_today == self.spent_since([name], self.today_s())
            assert account.spent_this_hour == self.spent_since([name], self.hour_s())
        assert self.house.treasury.ungranted == 0
        self.house.book.audit()

    @invariant()
    def what_may_be_spent_never_grows_beyond_a_limit(self) -> None:
        """It may lie above one that an edit lowered, and stays there until it is resolved."""
        for key, at_stake, limit in self.stakes():
            assert limit is None or at_stake <= max(limit, self.at_stake.get(key, 0)), key
        self.look_at_the_stakes()

    def teardown(self) -> None:
        self.house.close()
        self.directory.cleanup()

    @property
    def now_s(self) -> int:
        return self.references["one"].now_s

    def go_live(self) -> None:
        self.house.serve()
        self.look_at_the_stakes()

    def turn_the_clock_to(self, now_s: int) -> None:
        for reference in self.references.values():
            reference.now_s = reference.alive_s = now_s
        self.house.treasury.tick(now_s)

    def make_a_bid(self, name: str, price: int, seconds: int) -> bool:
        """Whether the worker may."""
        worker = self.house.worker
        made = Bid(len(self.bids), name, self.now_s, self.now_s + seconds, price, worker.life, self.house.epoch)
        bids = self.plan.present[name] and worker.bid(made)
        if bids:
            self.references[name].bids.append(made)
            self.bids.append(made)
        return bids

    def look_at_the_stakes(self) -> None:
        self.at_stake = {key: at_stake for key, at_stake, _ in self.stakes()}

    def stakes(self) -> Iterator[tuple[tuple[str, str], int, int | None]]:
        """Of each limit: what is spent of it or may yet be, and the limit."""
        for name, limits in self.plan.limits.items():
            members = self.plan.members(name)
            out = sum(map(self.out, members))
            since = {"total": 0, "day": self.today_s(), "hour": self.hour_s()}
            for (kind, since_s), limit in zip(since.items(), limits, strict=True):
                yield (name, kind), self.spent_since(members, since_s) + out, limit

    def out(self, name: str) -> int:
        """What exchanges may bill within the budget, and what the worker may yet bid."""
        of = self.references[name]
        open_bids = (bid for bid in of.bids if of.is_open(bid) or (bid.due_s is None and bid.life == of.life))
        return sum(bid.price_micros for bid in open_bids) + self.house.unspent(name)

    def spent_since(self, members: list[str], since_s: int) -> int:
        return sum(spent for name, at_s, spent in self.spent if name in members and at_s >= since_s)

    def today_s(self) -> int:
        """The first second of this day."""
        today = self.date_of(self.now_s)
        return next(at_s for at_s in self.hour_marks(self.now_s - 26 * 3600) if self.date_of(at_s) == today)

    def next_midnight_s(self) -> int:
        today = self.date_of(self.now_s)
        return next(at_s for at_s in self.hour_marks(self.now_s) if self.date_of(at_s) > today)

    def hour_s(self) -> int:
        """When the clock struck last."""
        return max(at_s for at_s in range(self.now_s // 900 * 900 - 3600, self.now_s + 1, 900) if self.strikes(at_s))

    def strikes(self, at_s: int) -> bool:
        return datetime.fromtimestamp(at_s, self.zone).minute == 0

    def date_of(self, at_s: int) -> datetime:
        utc = datetime.fromtimestamp(at_s, UTC).replace(tzinfo=None)
        local = utc + (utc.replace(tzinfo=UTC).astimezone(self.zone).utcoffset() or timedelta())
        return local.replace(hour=0, minute=0, second=0)

    def hour_marks(self, from_s: int) -> range:
        """Every quarter of an hour from there on, for two days and a bit."""
        first_s = from_s // 900 * 900
        return range(first_s, first_s + 54 * 3600, 900)

    def follow_the_house(self) -> None:
        for reference in self.references.values():
            reference.life, reference.epoch = self.house.worker.life, self.house.epoch


class TestCalendar(Calendar.TestCase):
    settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


@pytest.mark.slow
class TestCalendarAtLength(Calendar.TestCase):
    settings = settings(max_examples=300, stateful_step_count=60, deadline=None)
