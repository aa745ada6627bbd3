"""The whole directory, checked."""

from bidder.config.schema.bidder import Bidder
from bidder.config.schema.campaign import Advertiser
from bidder.config.schema.exchange import Exchange
from bidder.config.schema.values import Table


class Config(Table, frozen=True, kw_only=True):
    """The whole directory, checked."""

    bidder: Bidder
    exchanges: dict[str, Exchange]
    advertisers: tuple[Advertiser, ...]
    digest: str
    """Hash of the files' bytes: the configuration's id."""
