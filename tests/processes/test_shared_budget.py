"""A budget that campaigns share, from the configuration to the grants of workers."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from bidder.config.schema import Budget, Config, Group
from bidder.domain.money import Micros
from tests.processes.test_treasury import House, configured

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
