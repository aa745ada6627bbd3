"""A checked configuration into a snapshot: every line prepared, every bitset built."""

from bidder.auction.line import Ceiling, Line
from bidder.auction.snapshot import Snapshot
from bidder.auction.terms import Rates
from bidder.config.schema import Config
from bidder.domain.money import RATE_UNIT, rate_from_text


def compile_snapshot(config: Config, ceiling: Ceiling) -> Snapshot:
    """The snapshot of a configuration; `ceiling` bounds what the live predictor can say of a goal."""
    lines = [
        Line(advertiser.advertiser, campaign, ceiling)
        for advertiser in config.advertisers
        for campaign in advertiser.campaigns
    ]
    return Snapshot(config.bidder, config.exchanges, lines, rates_of(config), config.digest)


def rates_of(config: Config) -> Rates:
    """Fixed-point rates by currency; the account's own is one."""
    account = config.bidder.account
    return {**{name: rate_from_text(rate) for name, rate in account.rates.items()}, account.currency: RATE_UNIT}
