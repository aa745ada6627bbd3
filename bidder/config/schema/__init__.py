"""What people write: one struct per TOML table, strict and frozen; an unknown key is a mistake, not a comment.

Money is a decimal number of the account currency (`2.50`); CPM is per thousand impressions. Names follow OpenRTB where
it has them. A field that is left out does not restrict.
"""

from bidder.config.schema.bidder import Account, Bidder, Prediction, Privacy, Recording, Server, Steps, Tickets
from bidder.config.schema.campaign import Advertiser, Budget, Campaign, Flight, Goal, Group, Pacing, Transparency
from bidder.config.schema.creative import Approval, Creative, Image, Media, NativeAssets
from bidder.config.schema.directory import Config
from bidder.config.schema.exchange import ClearingPrice, Exchange
from bidder.config.schema.hours import Dayparting, Hours
from bidder.config.schema.models import Canary, ModelLimits, Models, NearDeadline
from bidder.config.schema.targeting import (
    AgeRange,
    Categories,
    Circle,
    Environment,
    Placement,
    Safety,
    Targeting,
    VersionRange,
)
from bidder.config.schema.taxonomy import Taxonomy
from bidder.config.schema.values import Amount, Cpm, Currency, Domain, Format, Id, Positive, Share, Size, Table, Url

__all__ = [
    "Account",
    "Advertiser",
    "AgeRange",
    "Amount",
    "Approval",
    "Bidder",
    "Budget",
    "Campaign",
    "Canary",
    "Categories",
    "Circle",
    "ClearingPrice",
    "Config",
    "Cpm",
    "Creative",
    "Currency",
    "Dayparting",
    "Domain",
    "Environment",
    "Exchange",
    "Flight",
    "Format",
    "Goal",
    "Group",
    "Hours",
    "Id",
    "Image",
    "Media",
    "ModelLimits",
    "Models",
    "NativeAssets",
    "NearDeadline",
    "Pacing",
    "Placement",
    "Positive",
    "Prediction",
    "Privacy",
    "Recording",
    "Safety",
    "Server",
    "Share",
    "Size",
    "Steps",
    "Table",
    "Targeting",
    "Taxonomy",
    "Tickets",
    "Transparency",
    "Url",
    "VersionRange",
]
