"""Money between the configuration, the board, the book and the store."""

import asyncio
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bidder.config.load import load
from bidder.config.schema import Budget, Config, Group
from bidder.config.templates import init
from bidder.domain.money import Micros
from bidder.domain.outcome import Outcome
from bidder.events.frame import frame
from bidder.events.schema import Bid, encode
from bidder.events.segment import SegmentLog
from bidder.ledger.account import Account
from bidder.ledger.board import Board
from bidder.ledger.entry import Entry
from bidder.ledger.purse import Purse
from bidder.processes.journal import STALLED_SECONDS, Journal
from bidder.processes.open_bids import claim
from bidder.processes.recovery import Moment, boot_number, recover
from bidder.processes.state import State
from bidder.processes.treasury import Treasury, campaigns, longest_hold_s, shape_for
from tests.ledger.memory_store import MemoryStore

NOON_S = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def configured(directory: Path, **changes: Any) -> Config:
    """One advertiser with one campaign, as the template has it but for `changes`."""
    if not (directory / "config").exists():
        init(directory / "config", "minimal")
    config = load(directory / "config")
    advertiser = config.advertisers[0]
    campaign = replace(advertiser.campaigns[0], **changes)
    return replace(config, advertisers=(replace(advertiser, campaigns=(campaign,)),))


class House:
    """A treasury with its store, which may be another treasury's before it."""

    def __init__(
        self, directory: Path, config: Config, store: MemoryStore | None = None, opened_s: float = NOON_S
    ) -> None:
        self.store = store or MemoryStore()
        self.now_s = 0.0
        self.journal = Journal(self.store, lambda: self.now_s)
        state = State(directory / "state")
        moment = Moment(opened_s, longest_hold_s(config))
        recovered = recover(state, self.store, shape_for(config, workers=2), moment, self.journal.post)
        state.close()
        self.money = Treasury(recovered, self.journal, self.store.funds(), opened_s)
        self.book = self.money.book
        self.purses = [Purse(self.money.board, worker) for worker in (0, 1)]
        self.life, _ = (self.money.begin_life(worker) for worker in (0, 1))

    def serve(self, config: Config, generation: int = 1) -> dict[str, int]:
        slots = self.money.place(config, generation)
        self.money.serve(config, slots)
        return slots


def bid(campaign: str, price_micros: int, *, test: bool = False, bid_id: int = 1) -> Bid:
    return Bid(
        at_ms=int(NOON_S * 1000),
        bid_id=bid_id,
        request_id="r",
        imp_id="1",
        exchange="adx",
        campaign=campaign,
        creative="c",
        format="banner",
        auction_type=1,
        price_micros=price_micros,
        floor_micros=0,
        currency="USD",
        answer_micros=price_micros,
        goal="cpm",
        probability=1.0,
        value_micros=price_micros,
        multiplier=1.0,
        model="",
        config="x",
        expires_ms=int(NOON_S * 1000) + 60_000,
        test=test,
        facts={},
    )


def recorded(directory: Path, *made: Bid) -> None:
    log = SegmentLog(directory / "state/segments/worker-0")
    log.write([frame(encode(each)) for each in made])
    log.close()


async def test_every_worker_may_spend_after_the_first_round(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (slot,) = house.serve(config).values()
    purses = [Purse(Board.open(tmp_path / "state/board", house.money.board.shape), worker) for worker in (0, 1)]
    assert not any(purse.may_spend(slot, Micros(1)) for purse in purses)
    await house.money.round()
    assert all(purse.may_spend(slot, Micros(1)) for purse in purses)


async def test_workers_together_are_never_granted_more_than_the_budget(tmp_path: Path) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.01")), max_cpm=Decimal(1))
    house = House(tmp_path, config)
    (slot,) = house.serve(config).values()
    spent = 0
    for _ in range(100):
        for purse in house.purses:
            while purse.may_spend(slot, Micros(1000)):
                purse.spend(slot, Micros(1000))
                spent += 1000
        await house.money.round()
    assert spent == 10_000


async def test_nothing_is_granted_while_the_store_refuses_and_grants_go_on_when_it_does_not(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (slot,) = house.serve(config).values()
    house.store.refuses = True
    for _ in range(2):
        await house.money.round()
        assert not house.purses[0].may_spend(slot, Micros(1))
    assert house.book.accounts[next(iter(house.money.place(config, 1)))].unspent == 0
    house.store.refuses = False
    await house.journal.commit()
    await house.money.round()
    assert house.purses[0].may_spend(slot, Micros(1))


async def test_a_commit_that_does_not_end_holds_grants_back_but_not_the_rounds_and_they_go_on_when_it_ends(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (slot,) = house.serve(config).values()
    await house.money.round()
    granted = house.money.board.granted[0]
    before = granted[slot]
    house.purses[0].spend(slot, Micros(before))
    with house.store.stuck():
        commit = asyncio.ensure_future(house.journal.commit())
        await asyncio.sleep(0)
        house.now_s += STALLED_SECONDS
        for _ in range(3):
            await house.money.round()
        assert granted[slot] == before
    await commit
    await house.money.round()
    assert granted[slot] > before


async def test_what_a_bill_left_of_its_hold_is_granted_again_once_the_bill_is_on_disk_and_not_before(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.003")), max_cpm=Decimal(1))
    house = House(tmp_path, config)
    ((campaign, slot),) = house.serve(config).items()
    made = [bid(campaign, 1000, bid_id=number) for number in (1, 2, 3)]
    for each in made:
        while not (able := [purse for purse in house.purses if purse.may_spend(slot, Micros(1000))]):
            await house.money.round()
        able[0].spend(slot, Micros(1000))
        house.money.take_in(house.purses.index(able[0]), [each])
    granted = [sum(cells) for cells in house.money.board.granted]
    assert sum(granted) == 3000
    house.book.bill(claim(made[0], house.life), 0, NOON_S + 1)
    with house.store.stuck():
        rounding = asyncio.ensure_future(house.money.round())
        for _ in range(10):
            await asyncio.sleep(0)
        assert [sum(cells) for cells in house.money.board.granted] == granted
    await rounding
    assert sum(map(sum, house.money.board.granted)) == 4000
    assert [entry.kind for entry in house.store.entries()] == ["bill"]


async def test_the_store_knows_of_at_least_as_much_as_is_granted(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    for _ in range(3):
        await house.money.round()
        assert house.store.exposures()[name] >= house.book.accounts[name].unspent > 0


async def test_a_recorded_bid_is_held_until_it_expires_and_a_test_holds_nothing(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (campaign,) = campaigns(config)
    house = House(tmp_path, config)
    house.serve(config)
    await house.money.round()
    house.money.take_in(0, [bid(campaign.id, 700), bid(campaign.id, 900, test=True, bid_id=2)])
    account = house.book.accounts[campaign.id]
    assert account.held == 700
    house.money.tick(NOON_S + 59)
    assert account.held == 700
    house.money.tick(NOON_S + 61)
    assert account.held == 0


async def test_what_a_worker_that_ended_bid_beyond_its_records_is_held_until_the_longest_bid_expires(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    ((name, slot),) = house.serve(config).items()
    await house.money.round()
    for price in (700, 900):
        house.purses[0].spend(slot, Micros(price))
    house.money.take_in(0, [bid(name, 700)])
    account = house.book.accounts[name]
    granted = account.unspent + account.held
    house.money.end_life(0)
    house.money.begin_life(0)
    assert (account.held, account.unspent) == (1600, granted - 1600)
    house.money.tick(NOON_S + longest_hold_s(config) - 1)
    assert account.held == 900
    house.money.tick(NOON_S + longest_hold_s(config))
    assert (account.held, account.unspent) == (0, house.money.board.unspent(slot))


def test_the_day_of_a_budget_begins_at_midnight_of_the_campaign_and_comes_back_with_the_clock(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (campaign,) = campaigns(config)
    flight = replace(campaign.flight, timezone="America/New_York")
    config = configured(tmp_path, budget=Budget(daily=Decimal(5)), flight=flight)
    house = House(tmp_path, config)
    house.serve(config)
    account = house.book.accounts[campaign.id]
    account.days[account.day] = 77
    assert account.day == "2026-03-01"
    house.money.tick(datetime(2026, 3, 2, 4, 59, tzinfo=UTC).timestamp())
    assert account.spent_today == 77
    house.money.tick(datetime(2026, 3, 2, 5, 0, tzinfo=UTC).timestamp())
    assert (account.day, account.spent_today) == ("2026-03-02", 0)
    house.money.tick(NOON_S)
    assert account.spent_today == 77


async def test_a_campaign_that_is_gone_is_granted_nothing_more(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    ((name, slot),) = house.serve(config).items()
    await house.money.round()
    house.serve(replace(config, advertisers=()), 2)
    house.purses[0].load(2, set())
    await house.money.round()
    assert house.book.accounts[name].unspent == house.money.board.unspent(slot)
    assert not house.purses[0].may_spend(slot, Micros(1))


async def test_what_a_campaign_may_spend_is_written_down_when_it_changes(tmp_path: Path) -> None:
    config = configured(tmp_path, margin=Decimal("0.2"))
    house = House(tmp_path, config)
    house.serve(config)
    house.serve(config, 2)
    house.serve(configured(tmp_path, budget=Budget(total=Decimal(7))), 3)
    await house.journal.commit()
    first, second = house.store.funds()
    assert (first.margin_ppb, first.since, first.timezone) == (200_000_000, "2020-01-01", "UTC")
    assert (second.total_micros, second.margin_ppb) == (7_000_000, 0)


async def test_the_most_of_an_hour_is_kept_where_grants_are_made_and_across_a_restart(tmp_path: Path) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal(9), hourly=Decimal("0.002")))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.money.round()
    assert 700 <= house.book.accounts[name].unspent <= 2000
    made = bid(name, 700)
    house.money.take_in(0, [made])
    assert house.book.bill(claim(made), 700, NOON_S + 5) is Outcome.COUNTED
    await house.journal.commit()
    again = House(tmp_path, config, house.store)
    again.serve(config)
    assert again.book.available(name) == 1300
    again.money.tick(NOON_S + 3599)
    assert again.book.available(name) == 1300
    again.money.tick(NOON_S + 3600)
    assert again.book.available(name) == 2000


def test_a_group_keeps_its_hour_too(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (advertiser,) = config.advertisers
    group = Group(id="team", budget=Budget(total=Decimal(9), hourly=Decimal("0.003")))
    config = replace(config, advertisers=(replace(advertiser, groups=(group,), group="team"),))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    assert house.book.available(name) == 3000


def test_the_hour_begins_when_the_clock_of_the_campaign_says(tmp_path: Path) -> None:
    (campaign,) = campaigns(configured(tmp_path))
    config = configured(tmp_path, flight=replace(campaign.flight, timezone="Asia/Kathmandu"))
    house = House(tmp_path, config)
    house.serve(config)
    quarter_to_six_s = NOON_S
    assert house.book.accounts[campaign.id].hour_s == quarter_to_six_s - 45 * 60


@pytest.mark.parametrize("workers", [1, 4])
async def test_the_next_control_process_goes_on_where_this_one_ended(tmp_path: Path, workers: int) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    ((name, slot),) = house.serve(config).items()
    await house.money.round()
    house.purses[0].spend(slot, Micros(900))
    house.purses[1].spend(slot, Micros(50))
    house.purses[1].record(slot, Micros(50))
    house.money.board.throttle_ppb[slot] = 12345
    await house.journal.commit()
    state = State(tmp_path / "state")
    moment = Moment(NOON_S + 1, longest_hold_s(config))
    recovered = recover(state, house.store, shape_for(config, workers), moment, lambda _: None)
    account = recovered.book.accounts[name]
    assert (account.held, account.unspent) == (900, 0)
    assert recovered.carried[name] == (12345, 10**9)
    again = recover(state, house.store, shape_for(config, workers), moment, lambda _: None)
    assert again.book.accounts[name].held == 900
    again.book.expire(NOON_S + 2 + longest_hold_s(config))
    assert again.book.accounts[name].held == 0


@pytest.mark.parametrize(("boot", "found_s"), [(boot_number(), 1234.5), (1, None)])
def test_how_the_wall_clock_stood_is_known_to_the_next_control_process_of_the_same_life_of_the_machine(
    tmp_path: Path, boot: int, found_s: float | None
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    house.money.board.wall_ahead_ms = 1_234_500
    house.money.board.mark(epoch=1, boot=boot)
    moment = Moment(NOON_S + 62, longest_hold_s(config))
    found = recover(State(tmp_path / "state"), house.store, shape_for(config, 1), moment, lambda _: None)
    assert found.wall_ahead_s == found_s


@pytest.mark.parametrize(("alive_s", "held"), [(59, 700), (60, 0)])
def test_what_expired_before_the_crash_is_not_held_again_but_what_expired_since_is_for_as_long_as_it_was_meant_to_be(
    tmp_path: Path, alive_s: int, held: int
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    recorded(tmp_path, bid(name, 700))
    house.money.tick(NOON_S + alive_s)
    moment = Moment(NOON_S + 62, longest_hold_s(config))
    recovered = recover(State(tmp_path / "state"), house.store, shape_for(config, 1), moment, lambda _: None)
    assert recovered.book.accounts.get(name, Account(name)).held == held
    recovered.book.expire(NOON_S + 62 + 59)
    assert recovered.book.accounts.get(name, Account(name)).held == held
    recovered.book.expire(NOON_S + 62 + 60)
    assert recovered.book.accounts.get(name, Account(name)).held == 0


def test_what_expired_in_an_outage_is_held_through_any_number_of_restarts_and_billed_once_not_late(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    recorded(tmp_path, bid(name, 700))
    for opened_s in (NOON_S + 70, NOON_S + 80, NOON_S + 129, NOON_S + 140):  # it ends at 60, 130 and 200
        house = House(tmp_path, config, house.store, opened_s)
        house.serve(config)
        assert house.book.accounts[name].held == 700
    house.money.tick(NOON_S + 199)
    assert house.book.accounts[name].held == 700
    assert house.book.bill(claim(bid(name, 700)), 700, NOON_S + 199) is Outcome.COUNTED


@pytest.mark.parametrize("ended", ["the worker", "control"])
@pytest.mark.parametrize(("line", "spent"), [("bill", 300), ("win", 0), ("lose", 0)])
async def test_a_bid_without_a_record_that_was_heard_of_is_held_by_no_later_restart_once_it_is_over(
    tmp_path: Path, ended: str, line: str, spent: int
) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.0016")))
    house = House(tmp_path, config)
    ((name, slot),) = house.serve(config).items()
    await house.money.round()
    lost = [replace(claim(bid(name, price), house.life), bid_id=price) for price in (700, 100)]
    for each in lost:
        house.purses[0].spend(slot, Micros(each.price_micros))
    house.money.end_life(0)
    await house.journal.commit()
    if ended == "control":
        house = House(tmp_path, config, house.store, NOON_S + 1)
        house.serve(config)
    assert house.book.accounts[name].held == 800
    match line:
        case "bill":
            house.book.bill(lost[0], 300, NOON_S + 1)
        case "win":
            house.book.win(lost[0], NOON_S + 1)
        case "lose":
            house.book.lose(lost[0], NOON_S + 1)
    for restarted_s in (30, 70, 80):  # it is over at 60
        house.money.tick(NOON_S + restarted_s - 1)
        await house.journal.commit()
        house = House(tmp_path, config, house.store, NOON_S + restarted_s)
        house.serve(config)
        is_open = line == "win" and restarted_s < 60
        assert (house.book.accounts[name].spent, house.book.accounts[name].held) == (spent, 800 if is_open else 100)
    house.money.tick(NOON_S + 80 + longest_hold_s(config))
    assert house.book.accounts[name].held == 0


@pytest.mark.parametrize("copy", ["worker-0/000000000007.seg", "worker-0.old/000000000001.seg"])
async def test_a_segment_that_somebody_copied_holds_and_bills_its_bids_once(tmp_path: Path, copy: str) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    made = [bid(name, 700, bid_id=bid_id) for bid_id in (1, 2)]
    recorded(tmp_path, *made)
    house.book.grant(name, 700)
    assert house.book.bill(claim(made[0], house.life), 700, NOON_S) is Outcome.UNRECORDED
    await house.journal.commit()
    segments = tmp_path / "state/segments"
    (segments / copy).parent.mkdir(exist_ok=True)
    shutil.copy(max((segments / "worker-0").iterdir(), key=lambda path: path.stat().st_size), segments / copy)
    again = House(tmp_path, config, house.store)
    assert (again.book.accounts[name].held, again.book.accounts[name].spent) == (700, 700)
    assert again.book.bill(claim(made[0]), 700, NOON_S) is Outcome.REPEATED
    again.money.tick(NOON_S + 60)
    assert again.book.accounts[name].held == 0


def test_what_a_restart_held_longer_is_over_when_that_ends_while_control_lives(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    recorded(tmp_path, bid(name, 700))
    house = House(tmp_path, config, house.store, NOON_S + 70)
    house.money.tick(NOON_S + 130)
    again = House(tmp_path, config, house.store, NOON_S + 131)
    assert again.book.accounts.get(name, Account(name)).held == 0


@pytest.mark.parametrize(
    ("made_ahead_s", "opened_after_s"), [(3600, (3680, 3690)), (0, (10, 20))], ids=["it jumped ahead", "it went back"]
)
async def test_what_was_given_up_before_a_restart_is_held_by_no_later_one_beyond_the_budget_however_the_clock_jumped(
    tmp_path: Path, made_ahead_s: int, opened_after_s: tuple[int, int]
) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.001")))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    made = bid(name, 700)
    ahead_ms = made_ahead_s * 1000
    recorded(tmp_path, replace(made, at_ms=made.at_ms + ahead_ms, expires_ms=made.expires_ms + ahead_ms))
    house.money.tick(NOON_S + 70, NOON_S + 70 + made_ahead_s)
    house.book.grant(name, 700)
    assert house.book.bill(claim(bid(name, 700, bid_id=2), house.life), 700, NOON_S + 1) is Outcome.UNRECORDED
    await house.journal.commit()
    for after_s in opened_after_s:
        house = House(tmp_path, config, house.store, NOON_S + after_s)
        house.serve(config)
        assert house.book.accounts[name].committed <= 1000


@pytest.mark.parametrize(("total", "outcomes"), [("1", ["counted", "counted"]), ("0.001", ["late", "counted"])])
async def test_what_may_be_open_after_the_clock_went_back_is_held_within_the_budget_and_billed_once(
    tmp_path: Path, total: str, outcomes: list[str]
) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal(total)))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.journal.commit()
    made = [bid(name, 700, bid_id=bid_id) for bid_id in (1, 2)]
    recorded(tmp_path, *made)
    house.money.tick(NOON_S + 70)
    yesterday_s = NOON_S - 86_400
    lines: list[Entry] = []
    moment = Moment(yesterday_s, longest_hold_s(config))
    book = recover(State(tmp_path / "state"), house.store, shape_for(config, 1), moment, lines.append).book
    assert [book.bill(claim(each), 700, yesterday_s + 1) for each in made] == outcomes
    assert book.accounts[name].committed <= int(Decimal(total) * 1_000_000)
    assert [line.spent_micros + line.late_micros for line in lines] == [700, 700]


async def test_an_hour_keeps_its_limit_when_the_clock_jumps_ahead_and_when_control_starts_again(tmp_path: Path) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal(9), hourly=Decimal("0.002")))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    tomorrow_s = NOON_S + 86_400 + 60
    house.money.tick(NOON_S + 5, tomorrow_s)
    house.book.grant(name, 700)
    assert house.book.bill(claim(bid(name, 700), house.life), 700, NOON_S + 5) is Outcome.UNRECORDED
    assert house.book.available(name) == 1300
    await house.journal.commit()
    again = House(tmp_path, config, house.store, tomorrow_s + 60)
    again.serve(config)
    assert again.book.available(name) == 1300


async def test_a_bill_for_a_campaign_that_is_gone_has_its_margin(tmp_path: Path) -> None:
    config = configured(tmp_path, margin=Decimal("0.2"))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.journal.commit()
    again = House(tmp_path, replace(config, advertisers=()), house.store)
    again.serve(replace(config, advertisers=()))
    assert again.book.bill(claim(bid(name, 800)), 800, NOON_S) is Outcome.UNRECORDED
    assert again.book.accounts[name].margin == 200


async def test_after_the_machine_went_down_all_that_was_granted_is_held(tmp_path: Path) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.money.round()
    house.money.board.mark(epoch=1, boot=1)
    recovered = recover(
        State(tmp_path / "state"), house.store, shape_for(config, 1), Moment(NOON_S, 60), lambda _: None
    )
    assert recovered.book.accounts[name].held == house.store.gaps(NOON_S)[0].micros > 0
    assert recovered.book.accounts[name].held >= house.book.accounts[name].unspent


async def test_after_the_machine_went_down_what_notices_name_is_held_beside_all_else_that_was_out(
    tmp_path: Path,
) -> None:
    config = configured(tmp_path)
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.money.round()
    for bid_id, tell in ((1, house.book.win), (2, house.book.lose)):
        tell(claim(bid(name, 700, bid_id=bid_id), house.life), NOON_S)
    await house.journal.commit()
    out = house.store.exposures()[name]
    house.money.board.mark(epoch=1, boot=1)
    again = House(tmp_path, config, house.store, NOON_S + 1)
    assert again.book.accounts[name].held == out


async def test_after_the_machine_went_down_no_more_is_held_than_was_left_of_the_budget(tmp_path: Path) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.001")))
    house = House(tmp_path, config)
    (name,) = house.serve(config)
    await house.money.round()
    recorded(tmp_path, bid(name, 250))
    house.book.bill(claim(bid(name, 250), house.life), 250, NOON_S)
    await house.journal.commit()
    house.money.board.mark(epoch=1, boot=1)
    account = House(tmp_path, config, house.store, NOON_S + 1).book.accounts[name]
    assert (account.spent, account.committed) == (250, 1000)
