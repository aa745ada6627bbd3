"""`campaigns/*.toml`: advertisers and their campaigns."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.creative import Creative
from bidder.config.schema.hours import Dayparting
from bidder.config.schema.targeting import Placement, Safety, Targeting
from bidder.config.schema.values import Amount, Cpm, Domain, Id, Positive, Share, Table

Day = Annotated[date, Meta(description="a date, as in `2026-01-31`")]
Margin = Annotated[Decimal, Meta(extra={"min": 0, "below": 1}, description="a share from 0 to below 1")]
Party = Annotated[str, Meta(min_length=1, max_length=100, description="text of 1 to 100 characters")]


class Flight(Table, frozen=True, kw_only=True):
    """When a campaign runs, whole days in its own timezone."""

    start: Day
    """The first day."""
    end: Day
    """The last day, included."""
    timezone: str = "UTC"
    """A timezone of the IANA database, as in `Europe/Berlin`."""


class Budget(Table, frozen=True, kw_only=True):
    """What a campaign may spend, in the account currency. At least one limit."""

    total: Amount | None = None
    """The most over the whole flight. Without `daily`, what is left of it is spread over the days that remain."""
    daily: Amount | None = None
    """The most in a day of its own timezone, and what pacing spends in it."""
    hourly: Amount | None = None
    """The most in a clock hour of its own timezone."""
    minimum_daily: Amount | None = None
    """What a day spends at least, where its part of `total` would be less; never above what bids are worth."""


class Pacing(Table, frozen=True, kw_only=True):
    """How spend is spread over time."""

    mode: Literal["even", "front", "traffic", "asap"] = "even"
    """Evenly, more at the start, at one price from the start to the end of the day, or as fast as possible."""
    throttle: Share = Decimal(1)
    """Share of the matching requests taken part in."""


class Group(Table, frozen=True, kw_only=True):
    """A budget that several campaigns spend together, on top of their own; no campaign of it exceeds either."""

    id: Id
    """Names it in reports, as `group:ID`; unique in the whole directory."""
    budget: Budget
    """What its campaigns may spend together; `daily` is of each campaign's own day. What one of them spent still counts
    when it is removed; one that is moved takes it along."""
    pacing: Pacing = Pacing()
    """How that is spread over time; a campaign bids by this or by its own pacing, whichever spends less."""
    timezone: str = "UTC"
    """Whose days are paced: a timezone of the IANA database."""


class Goal(Table, frozen=True, kw_only=True):
    """What an impression is worth."""

    type: Literal["cpm", "cpc", "cpa", "value"]
    """A fixed CPM, a price per click, a price per conversion, or the most value from conversions."""
    amount: Positive
    """The CPM, the price of a click or conversion, or the value a conversion brings."""


class Transparency(Table, frozen=True, kw_only=True):
    """What the EU's Digital Services Act wants told beside the ad; some requests are bid on only with it."""

    behalf: Party
    """On whose behalf the ad is shown."""
    paid: Party
    """Who paid for it."""
    domain: Domain | None = None
    """Who applied targeting by parameters of the user; left out: nobody."""
    params: tuple[Literal[1, 2, 3], ...] = ()
    """By which parameters (list `DSA User Parameters`): 1 profiling, 2 basic advertising, 3 precise geolocation."""
    rendered: bool = False
    """Whether the creative itself shows this."""


class Campaign(Table, frozen=True, kw_only=True):
    """One line of spend: what it wants, what it may cost, where it may run and what it shows."""

    id: Id
    """Names it in reports and notices; unique in the whole directory."""
    flight: Flight
    """When it runs."""
    budget: Budget
    """What it may spend."""
    goal: Goal
    """What an impression is worth to it."""
    max_cpm: Cpm
    """The most it ever bids."""
    creatives: Annotated[tuple[Creative, ...], Meta(min_length=1)]
    """What it shows; ids are unique in the campaign."""
    name: str = ""
    """A name for people."""
    enabled: bool = True
    """False: it is paused."""
    pacing: Pacing = Pacing()
    """How spend is spread over time."""
    group: Id | None = None
    """The group of the same file whose budget it shares; left out: the `group` of the file, if there is one."""
    margin: Margin = Decimal(0)
    """Share of the value that is kept: the bid is value times (1 - margin)."""
    several_imps: bool = False
    """Whether it may bid on more than one imp of a request."""
    include: Targeting = Targeting()
    """Where it wants to run: for every attribute that is named, one of its values."""
    exclude: Targeting = Targeting()
    """Where it does not run: none of these values."""
    placement: Placement = Placement()
    """Conditions on the placement that are not lists."""
    dayparting: Dayparting | None = None
    """The hours it runs; left out: always."""
    safety: Safety = Safety()
    """Content it must not appear next to."""
    dsa: Transparency | None = None
    """What must be told where the Digital Services Act applies; left out: it does not run there."""


class Advertiser(Table, frozen=True, kw_only=True):
    """`campaigns/*.toml`: an advertiser and its campaigns. An advertiser may have several files."""

    advertiser: Id
    """Names the advertiser in reports."""
    campaigns: tuple[Campaign, ...]
    """Its campaigns, each a `[[campaigns]]` table."""
    groups: tuple[Group, ...] = ()
    """Budgets that campaigns of this file share, each a `[[groups]]` table."""
    group: Id | None = None
    """The group of all campaigns of this file that name none: the budget of the advertiser."""
    name: str = ""
    """A name for people."""

    def members(self, group: Group) -> tuple[Campaign, ...]:
        """The campaigns that share the budget of a group."""
        return tuple(each for each in self.campaigns if (each.group or self.group) == group.id)
