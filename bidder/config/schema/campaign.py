"""`campaigns/*.toml`: advertisers and their campaigns."""

from datetime import date
from decimal import Decimal
from typing import Literal

from bidder.config.schema.creative import Creative
from bidder.config.schema.hours import Dayparting
from bidder.config.schema.targeting import Placement, Safety, Targeting
from bidder.config.schema.values import Amount, Id, Positive, Share, Table


class Flight(Table, frozen=True, kw_only=True):
    """When a campaign runs, whole days in its own timezone, both ends included."""

    start: date
    end: date
    timezone: str = "UTC"


class Budget(Table, frozen=True, kw_only=True):
    """What a campaign may spend. At least one limit."""

    total: Amount | None = None
    daily: Amount | None = None


class Pacing(Table, frozen=True, kw_only=True):
    """How spend is spread over time."""

    mode: Literal["even", "asap"] = "even"
    throttle: Share = Decimal(1)


class Goal(Table, frozen=True, kw_only=True):
    """What an impression is worth: a fixed CPM, a price per click or conversion, or the value a conversion brings."""

    type: Literal["cpm", "cpc", "cpa", "value"]
    amount: Positive


class Campaign(Table, frozen=True, kw_only=True):
    """One line of spend: what it wants, what it may cost, where it may run and what it shows."""

    id: Id
    flight: Flight
    budget: Budget
    goal: Goal
    max_cpm: Positive
    creatives: tuple[Creative, ...]
    name: str = ""
    enabled: bool = True
    pacing: Pacing = Pacing()
    margin: Share = Decimal(0)
    """Share of the value that is kept: the bid is value times (1 - margin)."""
    several_imps: bool = False
    """Whether it may bid on more than one imp of a request."""
    include: Targeting = Targeting()
    exclude: Targeting = Targeting()
    placement: Placement = Placement()
    dayparting: Dayparting | None = None
    safety: Safety = Safety()


class Advertiser(Table, frozen=True, kw_only=True):
    """A file of `campaigns/`: an advertiser and its campaigns."""

    advertiser: Id
    campaigns: tuple[Campaign, ...]
    name: str = ""
