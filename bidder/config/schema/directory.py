"""The whole directory, checked."""

from bidder.config.schema.bidder import Bidder
from bidder.config.schema.campaign import Advertiser
from bidder.config.schema.exchange import Exchange
from bidder.config.schema.taxonomy import Taxonomy
from bidder.config.schema.values import Table


class Config(Table, frozen=True, kw_only=True):
    """The whole directory, checked."""

    bidder: Bidder
    """`bidder.toml`."""
    exchanges: dict[str, Exchange]
    """Exchanges by name, in the order of names."""
    advertisers: tuple[Advertiser, ...]
    """Files of `campaigns/`, in the order of their names."""
    taxonomies: dict[int, Taxonomy] = {}
    """Hierarchies of categories, by the number of their taxonomy."""
    digest: str
    """Hash of the files' names and bytes: the configuration's id."""
    files: tuple[str, ...] = ()
    """Names of the advertisers' files relative to the directory, in the order of `advertisers`."""
