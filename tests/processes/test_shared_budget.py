"""A budget that campaigns share, from the configuration to the grants of workers."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from bidder.config.schema import Budget, Config, Group
from bidder.domain.money import Micros
from bidder.domain.outcome import Outcome
from bidder.processes.open_bids import claim
from tests.processes.test_treasury import NOON_S, House, bid, configured

OWN = Budget(daily=Decimal(10))
PRICE = Micros(1_000)


def sharing(directory: Path, group: Group) -> Config:
    """Two campaigns of 10.00 a day that share what the group has."""
    config = configured(directory, budget=OWN, group=group.id, max_cpm=Decimal(2))
    (advertiser,) = config.advertisers
    (one,) = advertiser.campaigns
    both = (one, replace(one, id="second-banner"))
    return replace(config, advertisers=(replace(advertiser, campaigns=both, groups=(group,)),))


async def test_workers_together_never_bid_more_than_campaigns_share_and_all_of_it(tmp_path: Path) -> None:
    config = sharing(tmp_path, Group(id="team", budget=Budget(daily=Decimal("0.05"))))
    house = House(tmp_path, config)
    slots = house.serve(config).values()
    spent = 0
    for _ in range(100):
        for purse in house.purses:
            for slot in slots:
                while purse.may_spend(slot, PRICE):
                    purse.spend(slot, PRICE)
                    spent += PRICE
        await house.money.round()
    assert spent == 50_000


async def test_what_a_campaign_spent_of_a_shared_budget_is_spent_though_the_campaign_is_removed_and_control_restarted(
    tmp_path: Path,
) -> None:
    config = sharing(tmp_path, Group(id="team", budget=Budget(total=Decimal("0.05"))))
    (advertiser,) = config.advertisers
    removed, left = advertiser.campaigns
    house = House(tmp_path, config)
    house.serve(config)
    for name, price in ((removed.id, 30_000), (removed.id, 10_000)):
        house.book.grant(name, price)
        made = bid(name, price, bid_id=price)
        house.money.take_in(0, [made])
        assert house.book.bill(claim(made), 30_000, NOON_S) is not Outcome.LATE
    config = replace(config, advertisers=(replace(advertiser, campaigns=(left,)),))
    for _ in range(2):
        house.serve(config)
        assert house.book.available(left.id) == 10_000
        await house.journal.commit()
        house = House(tmp_path, config, house.store)
    moved = replace(left, group=None)
    house.serve(replace(config, advertisers=(replace(advertiser, campaigns=(moved,)),)))
    assert house.book.available(left.id) == 10_000_000
