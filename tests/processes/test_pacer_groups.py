"""Campaigns that share a budget are paced by it together, on a clock turned by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from bidder.config.schema import Budget, Config, Group, Pacing
from bidder.ledger.account import Budget as Limits
from bidder.ledger.accounts import Accounts
from bidder.ledger.board import PPB, Board, Shape
from bidder.ledger.pool import Pool
from bidder.processes.pacer import Pacer
from tests.processes.test_pacer import A_SECOND, PRICE
from tests.processes.test_pacer_records import notice
from tests.processes.test_treasury import NOON_S, configured
from tests.processes.test_treasury import bid as recorded_bid

SLOTS = {"a": 1, "b": 2, "alone": 3}
MODES: dict[str, Literal["even", "asap"]] = {"a": "even", "b": "asap", "alone": "even"}
NO_LIMIT = Limits()
RICH = Budget(daily=Decimal(100_000))


TEAM = Group(id="team", budget=Budget(daily=Decimal(60)))


class Market:
    """Three campaigns with more money than they can spend; two of them share a group."""

    def __init__(self, directory: Path, pacing: Pacing | None = None) -> None:
        self.directory = directory
        self.book = Accounts(NOON_S)
        for name in SLOTS:
            self.book.fund(name, NO_LIMIT)
        self.accounts = self.book.accounts
        self.board = Board.create(directory / "board", Shape(1, 8, 0))
        self.now_s, self.came, self.bids = NOON_S, 0, 0
        self.pacer = self.next_pacer()
        self.serve(replace(TEAM, pacing=pacing or Pacing()))

    def next_pacer(self) -> Pacer:
        return Pacer(self.directory / "pacing", self.board, self.book, lambda: {"demo": self.came})

    def serve(self, *groups: Group, of: tuple[str, ...] = ("a", "b"), gone: tuple[str, ...] = ()) -> None:
        """Campaigns in the group, and those that were removed while they were in it; the book is told first."""
        config = self.config(groups, of, gone)
        self.book.share([Pool(NO_LIMIT, frozenset({*of, *gone}))] if groups else [])
        self.pacer.prepare(config, SLOTS)
        self.pacer.serve(config, SLOTS)

    def config(self, groups: tuple[Group, ...], of: tuple[str, ...] = ("a", "b"), gone: tuple[str, ...] = ()) -> Config:
        config = configured(self.directory)
        (advertiser,) = config.advertisers
        (like,) = advertiser.campaigns
        mine = groups[0].id if groups else None
        self.acting = {name: mode for name, mode in MODES.items() if name not in gone}
        acts = [
            replace(like, id=name, budget=RICH, pacing=Pacing(mode=mode), group=mine if name in of else None)
            for name, mode in self.acting.items()
        ]
        return replace(config, advertisers=(replace(advertiser, campaigns=tuple(acts), groups=groups),))

    def terms(self, name: str) -> tuple[int, int]:
        return self.board.throttle_ppb[SLOTS[name]], self.board.multiplier_ppb[SLOTS[name]]

    async def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now_s += 1
            self.came += A_SECOND
            for name in self.acting:
                self.sell(name)
            await self.pacer.hurry(self.now_s)
            await self.pacer.step(self.now_s)

    def sell(self, name: str) -> None:
        """Bids of a second, all won at half their price."""
        throttle, multiplier = self.terms(name)
        price, account = PRICE * multiplier // PPB, self.accounts[name]
        for _ in range(A_SECOND * throttle // PPB):
            self.bids += 1
            account.spent += price // 2
            account.days[account.day] = account.days.get(account.day, 0) + price // 2
            changes: dict[str, Any] = {"campaign": name, "value_micros": PRICE, "multiplier": multiplier / PPB}
            at_ms = int(self.now_s * 1000)
            made = recorded_bid(name, price, bid_id=self.bids)
            self.pacer.read([replace(made, at_ms=at_ms, auction_type=2, expires_ms=at_ms + 60_000, **changes)])
            self.pacer.records.notice(replace(notice("billing", self.bids, price // 2), campaign=name, at_ms=at_ms))

    def spent(self, *names: str) -> int:
        return sum(self.accounts[name].spent for name in names)


async def test_a_group_spends_its_budget_evenly_though_each_member_could_spend_more(tmp_path: Path) -> None:
    market = Market(tmp_path)
    await market.run(600)
    assert market.spent("a", "b") < 4_000_000
    assert market.spent("alone") > 20_000_000
    (view,) = market.pacer.report("group:team").campaigns
    assert view.spent_micros == market.spent("a", "b")
    assert abs(view.deviation) < 0.06


async def test_members_bid_by_the_tighter_of_their_own_and_the_groups_pacing(tmp_path: Path) -> None:
    market = Market(tmp_path)
    await market.run(60)
    assert market.terms("a") == market.terms("b")
    assert market.terms("b") < (PPB, PPB)


async def test_a_group_that_spends_as_fast_as_possible_leaves_its_members_their_own_pacing(tmp_path: Path) -> None:
    market = Market(tmp_path, Pacing(mode="asap"))
    await market.run(20)
    assert market.terms("b") == (PPB, PPB)
    assert market.pacer.report("group:team").campaigns == []


async def test_an_edit_of_the_group_is_live_before_the_next_step_and_without_it_members_are_free(
    tmp_path: Path,
) -> None:
    market = Market(tmp_path)
    await market.run(60)
    market.serve(Group(id="team", budget=Budget(daily=Decimal("0.01"))))
    await market.pacer.hurry(market.now_s + 0.1)
    assert market.terms("a")[0] == market.terms("b")[0] == 0
    market.serve()
    assert market.terms("b") == (PPB, PPB)


async def test_what_a_group_has_learned_outlives_a_restart(tmp_path: Path) -> None:
    market = Market(tmp_path)
    await market.run(60)
    await market.pacer.save()
    market.pacer = market.next_pacer()
    market.serve(TEAM)
    before = market.spent("a", "b")
    await market.run(60)
    assert market.spent("a", "b") - before < 1_000_000


async def test_what_a_removed_campaign_spent_of_the_group_stays_spent_for_pacing_too_through_a_restart(
    tmp_path: Path,
) -> None:
    market = Market(tmp_path)
    await market.run(300)
    market.serve(TEAM, of=("a",), gone=("b",))
    for restarts in (False, True):
        if restarts:
            await market.pacer.save()
            market.pacer = market.next_pacer()
            market.serve(TEAM, of=("a",), gone=("b",))
        await market.run(60)
        (view,) = market.pacer.report("group:team").campaigns
        assert view.spent_micros == market.spent("a", "b")
        assert abs(view.deviation) < 0.06


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_campaign_takes_into_a_group_and_out_of_it_what_it_spent_today_and_before(
    tmp_path: Path, restarts: bool
) -> None:
    market = Market(tmp_path)
    market.accounts["alone"].reopen_spent("2026-02-28", 77_000_000, 0, 0)
    market.accounts["a"].reopen_spent("2026-02-28", 5_000_000, 0, 0)
    await market.run(60)
    for of in (("a", "b", "alone"), ("b", "alone"), ("b",)):
        if restarts:
            await market.pacer.save()
            market.pacer = market.next_pacer()
        market.serve(TEAM, of=of)
        await market.run(30)
        (view,) = market.pacer.report("group:team").campaigns
        assert view.spent_micros == sum(market.accounts[name].spent_today for name in of)
