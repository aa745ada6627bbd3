"""Money between the configuration, the board and the book."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bidder.config.load import load
from bidder.config.schema import Budget, Config
from bidder.config.templates import init
from bidder.domain.money import Micros
from bidder.events.schema import Bid
from bidder.ledger.board import Board
from bidder.processes.treasury import Treasury, campaigns, shape_for

NOON_S = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def configured(directory: Path, **changes: Any) -> Config:
    """One advertiser with one campaign, as the template has it but for `changes`."""
    if not (directory / "config").exists():
        init(directory / "config", "minimal")
    config = load(directory / "config")
    advertiser = config.advertisers[0]
    campaign = replace(advertiser.campaigns[0], **changes)
    return replace(config, advertisers=(replace(advertiser, campaigns=(campaign,)),))


def treasury(directory: Path, config: Config) -> Treasury:
    return Treasury(directory / "board", shape_for(config, workers=2), NOON_S)


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


def test_every_worker_may_spend_as_soon_as_a_configuration_is_served(tmp_path: Path) -> None:
    config = configured(tmp_path)
    money = treasury(tmp_path, config)
    slots = money.place(config, 1)
    purses = [Board.open(tmp_path / "board", money.board.shape).purse(worker) for worker in (0, 1)]
    (slot,) = slots.values()
    assert not any(purse.may_spend(slot, Micros(1)) for purse in purses)
    money.serve(config, slots)
    assert all(purse.may_spend(slot, Micros(1)) for purse in purses)


def test_workers_together_are_never_granted_more_than_the_budget(tmp_path: Path) -> None:
    config = configured(tmp_path, budget=Budget(total=Decimal("0.01")), max_cpm=Decimal(1))
    money = treasury(tmp_path, config)
    slots = money.place(config, 1)
    money.serve(config, slots)
    purses = [money.board.purse(worker) for worker in (0, 1)]
    (slot,) = slots.values()
    spent = 0
    for _ in range(100):
        for purse in purses:
            while purse.may_spend(slot, Micros(1000)):
                purse.spend(slot, Micros(1000))
                spent += 1000
        money.tick(NOON_S)
    assert spent == 10_000


def test_a_recorded_bid_is_held_until_it_expires_and_a_test_holds_nothing(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (campaign,) = campaigns(config)
    money = treasury(tmp_path, config)
    money.serve(config, money.place(config, 1))
    money.take_in([bid(campaign.id, 700), bid(campaign.id, 900, test=True, bid_id=2)])
    account = money.book.accounts[campaign.id]
    assert account.held == 700
    money.tick(NOON_S + 59)
    assert account.held == 700
    money.tick(NOON_S + 61)
    assert account.held == 0


def test_the_day_of_a_budget_begins_at_midnight_of_the_campaign(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (campaign,) = campaigns(config)
    config = configured(
        tmp_path, budget=Budget(daily=Decimal(5)), flight=replace(campaign.flight, timezone="America/New_York")
    )
    money = treasury(tmp_path, config)
    money.serve(config, money.place(config, 1))
    account = money.book.accounts[campaign.id]
    money.tick(NOON_S)
    account.spent_today = 77
    money.tick(datetime(2026, 3, 2, 4, 59, tzinfo=UTC).timestamp())
    assert account.spent_today == 77
    money.tick(datetime(2026, 3, 2, 5, 0, tzinfo=UTC).timestamp())
    assert account.spent_today == 0


def test_a_campaign_that_is_gone_is_granted_nothing_more(tmp_path: Path) -> None:
    config = configured(tmp_path)
    money = treasury(tmp_path, config)
    slots = money.place(config, 1)
    money.serve(config, slots)
    empty = replace(config, advertisers=())
    money.serve(empty, money.place(empty, 2))
    (slot,) = slots.values()
    purse = money.board.purse(0)
    purse.load(2, set())
    money.tick(NOON_S)
    assert money.book.accounts[next(iter(slots))].unspent == money.board.unspent(slot)
    assert not purse.may_spend(slot, Micros(1))
