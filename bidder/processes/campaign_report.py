"""How the campaigns stand, for people: money, plan, bids, and why they did not bid. What `/api/campaigns` says.

Money is integer micros of the account currency; times are Unix seconds.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from heapq import nsmallest
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from bidder.clock import Clock
from bidder.config.check import LIVE, state, state_on
from bidder.config.schema import Advertiser, Campaign, Config
from bidder.domain.reason import Reason
from bidder.ledger.account import Account
from bidder.pacing.line import View
from bidder.processes.campaign_tally import CampaignTally
from bidder.web.campaign_route import Asked, Sort

GROUP = "group:"
"""What the names of groups begin with where campaigns have theirs."""

Pair: TypeAlias = tuple[Advertiser, Campaign]


class Ending(Struct, frozen=True):
    """How often a campaign did not bid, for one reason."""

    reason: str
    """One of the closed list in `bidder/domain/reason.py`."""
    phase: str
    """The part of the decision in which it arises, such as `targeting`."""
    requests: int
    """Of those in `evaluated`."""


class Row(Struct, frozen=True, kw_only=True):
    """One campaign. Bids and what became of them are those since `since`."""

    campaign: str
    """Its id."""
    name: str
    """For people; may be empty."""
    advertiser: str
    """The advertiser's name, or its id where it has none."""
    state: str
    """`live`, `paused`, `not started` or `ended`, by its own calendar."""
    mode: str
    """Its pacing: `even`, `front`, `traffic` or `asap`."""
    daily_micros: int | None
    """The daily budget; null: no limit."""
    total_micros: int | None
    """The budget of the flight; null: no limit."""
    today_micros: int
    """Spent on its present day."""
    flight_micros: int
    """Spent since its flight began."""
    held_micros: int
    """Full prices of its bids that nothing was heard of yet."""
    pacing: View | None
    """Where it stands against its plan, as in `/api/pacing`; null: nothing is paced, or no traffic has come yet."""
    bids: int
    """Without test bids."""
    wins: int
    """Bids that were billed. A bill comes after its bid, so the newest bids have not won yet."""
    spend_micros: int
    """What those cost."""
    clicks: int
    """On what was shown; each counts once."""
    conversions: int
    """That the advertiser reported; each counts once."""
    bid_on: int
    """Of the requests in `evaluated`, those that it bid on."""
    reasons: list[Ending]
    """Why it did not bid on the others, the most frequent reason first."""


class Report(Struct, frozen=True, kw_only=True):
    """The campaigns that were asked for, and what they have in common."""

    at: float
    """Now."""
    since: float
    """From when on bids and reasons are counted: five to ten minutes ago, or the start."""
    currency: str
    """Of all money here."""
    evaluated: int
    """Requests since then on which every campaign was evaluated (`recording.full_evaluation_rate`)."""
    live: int
    """Campaigns that are live today."""
    known: int
    """Campaigns of the live configuration."""
    found: int
    """Those that match what was asked for; the first `limit` of them follow."""
    today_micros: int
    """Spent by all campaigns, each on its present day."""
    campaigns: list[Row]
    """Those that were asked for, in the order that was asked for."""
    groups: list[View]
    """Budgets that campaigns share, named `group:ID`, as in `/api/pacing`."""


class Known(NamedTuple):
    """Who knows something of campaigns."""

    config: Callable[[], Config]
    accounts: Callable[[], Mapping[str, Account]]
    views: Callable[[], Iterable[View]]
    tally: CampaignTally


class CampaignReport:
    """Answers what is asked for. It takes time in step with the number of campaigns, little for each."""

    def __init__(self, known: Known, clock: Clock) -> None:
        self._known = known
        self._clock = clock

    def __call__(self, asked: Asked) -> Report:
        """The campaigns that match, in the order that was asked for."""
        config, now_s, tally = self._known.config(), self._clock(), self._known.tally
        views = {view.campaign: view for view in self._known.views()}
        accounts = self._known.accounts()
        every = [(advertiser, each) for advertiser in config.advertisers for each in advertiser.campaigns]
        found = [pair for pair in every if _matches(asked.find.casefold(), *pair)]
        now = datetime.fromtimestamp(now_s, UTC)

        def row(pair: Pair) -> Row:
            name = pair[1].id
            return _row(pair, now, accounts.get(name) or Account(name), views.get(name), tally)

        order = _order(asked.sort, accounts, views, tally)
        return Report(
            at=now_s,
            since=tally.since_s,
            currency=config.bidder.account.currency,
            evaluated=tally.evaluated,
            live=_live(every, now),
            known=len(every),
            found=len(found),
            today_micros=sum(accounts[each.id].spent_today for _, each in every if each.id in accounts),
            campaigns=[row(pair) for pair in nsmallest(asked.limit, found, key=lambda pair: order(pair[1]))],
            groups=[view for name, view in sorted(views.items(), key=itemgetter(0)) if name.startswith(GROUP)],
        )


def _matches(wanted: str, advertiser: Advertiser, campaign: Campaign) -> bool:
    names = (campaign.id, campaign.name, advertiser.advertiser, advertiser.name)
    return not wanted or any(wanted in name.casefold() for name in names)


def _live(every: Iterable[Pair], now: datetime) -> int:
    today = cache(lambda zone: now.astimezone(ZoneInfo(zone)).date())
    return sum(state_on(each, today(each.flight.timezone)) == LIVE for _, each in every)


def _order(
    sort: Sort, accounts: Mapping[str, Account], views: Mapping[str, View], tally: CampaignTally
) -> Callable[[Campaign], Any]:
    """What campaigns are sorted by, the least first; equal ones by their ids."""
    match sort:
        case "spend":
            return lambda each: (-accounts[each.id].spent_today if each.id in accounts else 0, each.id)
        case "behind":
            return lambda each: (views[each.id].deviation if each.id in views else inf, each.id)
        case "bids":
            return lambda each: (tally.of(each.id).bids, each.id)
        case "name":
            return lambda each: (each.name or each.id, each.id)


def _row(pair: Pair, now: datetime, account: Account, view: View | None, tally: CampaignTally) -> Row:
    advertiser, campaign = pair
    tallied, reasons = tally.of(campaign.id), tally.reasons(campaign.id)
    bid_on = reasons.pop(Reason.BID, 0)
    return Row(
        campaign=campaign.id,
        name=campaign.name,
        advertiser=advertiser.name or advertiser.advertiser,
        state=state(campaign, now),
        mode=campaign.pacing.mode,
        daily_micros=account.budget.day_micros,
        total_micros=account.budget.total_micros,
        today_micros=account.spent_today,
        flight_micros=account.spent_in_flight,
        held_micros=account.held,
        pacing=view,
        bids=tallied.bids,
        wins=tallied.wins,
        spend_micros=tallied.spend_micros,
        clicks=tallied.clicks,
        conversions=tallied.conversions,
        bid_on=bid_on,
        reasons=[Ending(reason.label, reason.phase.value, count) for reason, count in reasons.most_common()],
    )
