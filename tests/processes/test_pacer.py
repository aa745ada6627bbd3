"""The pacer between board, book and records, on a clock turned by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bidder.config.schema import Budget, Config, Pacing
from bidder.events.schema import Bid, Notice
from bidder.ledger.account import Budget as Limits
from bidder.ledger.accounts import Accounts
from bidder.ledger.board import PPB, Board, Shape
from bidder.processes.pacer import Pacer
from tests.processes.test_treasury import NOON_S, configured
from tests.processes.test_treasury import bid as recorded_bid

CAMPAIGN, SLOT = "first-banner", 3
PRICE = 2_000
A_SECOND = 50
"""Bids at full throttle; a day's budget would last a quarter of an hour."""


class Bench:
    """A pacer with a board, a book and a market that sells at half the price bid."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self.directory = directory
        self.book = Accounts(NOON_S)
        self.book.fund(CAMPAIGN, Limits())
        self.account = self.book.accounts[CAMPAIGN]
        self.came = 0
        self.bids = 0
        self.now_s = NOON_S
        self.board = Board.create(directory / "board", Shape(1, 8, 0))
        self.start(**changes)

    def start(self, **changes: Any) -> None:
        self.pacer = Pacer(self.directory / "pacing", self.board, self.book, lambda: {"demo": self.came})
        self.serve(**changes)

    def config(self, **changes: Any) -> Config:
        return configured(self.directory, **({"budget": Budget(daily=Decimal(100))} | changes))

    def serve(self, **changes: Any) -> None:
        config = self.config(**changes)
        self.pacer.prepare(config, {CAMPAIGN: SLOT})
        self.pacer.serve(config, {CAMPAIGN: SLOT})

    @property
    def terms(self) -> tuple[int, int]:
        return self.board.throttle_ppb[SLOT], self.board.multiplier_ppb[SLOT]

    async def run(self, seconds: int) -> None:
        """Traffic, notices and steps, second by second."""
        for _ in range(seconds):
            self.now_s += 1
            self.traffic()
            await self.pacer.hurry(self.now_s)
            await self.pacer.step(self.now_s)

    def traffic(self) -> None:
        throttle, multiplier = self.terms
        self.came += A_SECOND
        price = PRICE * multiplier // PPB
        for _ in range(A_SECOND * throttle // PPB):
            self.bids += 1
            paid = price // 2
            self.account.spent += paid
            self.account.days[self.account.day] = self.account.days.get(self.account.day, 0) + paid
            self.pacer.read([self.bid(price, multiplier)])
            self.pacer.records.notice(self.bill(paid))

    def bid(self, price: int, multiplier: int) -> Bid:
        made = recorded_bid(CAMPAIGN, price, bid_id=self.bids)
        at_ms = int(self.now_s * 1000)
        return replace(
            made,
            at_ms=at_ms,
            value_micros=PRICE,
            multiplier=multiplier / PPB,
            expires_ms=at_ms + 60_000,
            auction_type=2,
        )

    def bill(self, paid: int) -> Notice:
        return Notice(
            at_ms=int(self.now_s * 1000),
            kind="billing",
            bid_id=self.bids,
            campaign=CAMPAIGN,
            outcome="counted",
            price_micros=paid,
        )


async def test_a_campaign_bids_in_full_until_it_meets_traffic_and_is_paced_from_its_first_bids_on(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    assert bench.terms == (PPB, PPB)
    for _ in range(2):
        bench.now_s += 0.1
        bench.traffic()
        await bench.pacer.hurry(bench.now_s)
    assert bench.terms < (PPB, PPB)


async def test_a_budget_that_the_traffic_could_spend_at_once_is_spread_over_the_day(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.run(900)
    unpaced = 900 * A_SECOND * PRICE // 2
    assert unpaced > 40_000_000
    assert bench.account.spent < 5_000_000
    (view,) = bench.pacer.report().campaigns
    assert abs(view.deviation) < 0.04
    assert view.spent_micros == bench.account.spent


async def test_as_fast_as_possible_is_not_paced(tmp_path: Path) -> None:
    bench = Bench(tmp_path, pacing=Pacing(mode="asap"))
    await bench.run(20)
    assert bench.terms == (PPB, PPB)
    assert bench.pacer.report().campaigns == []


async def test_an_edit_takes_effect_before_the_next_step(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.run(60)
    bench.serve(budget=Budget(daily=Decimal("0.01")))
    await bench.pacer.hurry(bench.now_s + 0.1)
    assert bench.terms[0] == 0
    bench.serve(pacing=Pacing(mode="asap"))
    assert bench.terms == (PPB, PPB)


async def test_a_restart_goes_on_with_the_terms_and_the_plan_it_had(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.run(300)
    terms, spent = bench.terms, bench.account.spent
    await bench.pacer.save()
    bench.board.throttle_ppb[SLOT] = bench.board.multiplier_ppb[SLOT] = PPB
    bench.start()
    assert bench.terms == terms
    await bench.run(300)
    assert bench.account.spent - spent < 3 * spent


async def test_a_torn_file_only_costs_learning(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.run(60)
    await bench.pacer.save()
    path = tmp_path / "pacing"
    path.write_bytes(path.read_bytes()[:100])
    bench.start()
    await bench.run(60)
    assert bench.terms < (PPB, PPB)


async def test_a_disk_that_refuses_the_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (tmp_path / "pacing.new").mkdir()
    await bench.run(40)
    assert bench.pacer.steps == 40


async def test_a_fixed_share_of_the_requests_is_the_most_that_pacing_takes_part_in(tmp_path: Path) -> None:
    share = Pacing(throttle=Decimal("0.25"))
    bench = Bench(tmp_path, pacing=share, budget=Budget(daily=Decimal(100_000)))
    await bench.run(30)
    assert bench.terms == (PPB // 4, PPB)
    bench.serve(pacing=share, budget=Budget(daily=Decimal(40)))
    await bench.run(300)
    assert bench.terms[0] <= PPB // 4
    assert bench.terms < (PPB // 4, PPB)


async def test_one_campaign_can_be_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.run(5)
    assert [view.campaign for view in bench.pacer.report(CAMPAIGN).campaigns] == [CAMPAIGN]
    assert bench.pacer.report("another").campaigns == []
