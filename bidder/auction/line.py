"""A campaign in the form the auction reads: numbers ready to compare, creatives prepared, nothing looked up."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zlib import crc32
from zoneinfo import ZoneInfo

from bidder.auction.attributes import week_hours
from bidder.auction.conditions import Condition, conditions_of
from bidder.auction.creative import Prepared, prepare
from bidder.auction.names import all_creatives, names_of
from bidder.config.schema import Campaign, Goal
from bidder.domain.money import Micros, micros_from_amount, micros_from_cpm
from bidder.domain.reason import Reason

PPB = 1_000_000_000
"""Probabilities, shares and multipliers are integers: parts per billion."""

Ceiling = Callable[[Goal], int]
"""The highest probability (ppb) the live predictor can give for a goal."""


class Line:
    """One campaign, ready to bid."""

    __slots__ = (
        "advertiser",
        "amount_micros",
        "campaign",
        "category_keys",
        "ceiling_micros",
        "conditions",
        "creatives",
        "deal_names",
        "deals",
        "domain_keys",
        "goal",
        "id",
        "keep_ppb",
        "max_micros",
        "names",
        "period",
        "salt",
        "several_imps",
        "slot",
        "throttle_ppb",
    )

    def __init__(self, advertiser: str, campaign: Campaign, ceiling: Ceiling) -> None:
        self.id = campaign.id
        self.advertiser = advertiser
        self.campaign = campaign
        self.goal = campaign.goal.type
        self.amount_micros = _amount(campaign.goal)
        self.keep_ppb = int((1 - campaign.margin) * PPB)
        self.throttle_ppb = int(campaign.pacing.throttle * PPB)
        self.max_micros = micros_from_cpm(campaign.max_cpm)
        self.ceiling_micros = price_of(self, ceiling(campaign.goal), PPB)
        self.deals = frozenset(campaign.include.deal)
        self.deal_names = sorted(self.deals)
        self.conditions: tuple[Condition, ...] = conditions_of(campaign)
        self.creatives = _by_format(campaign, advertiser)
        ads = all_creatives(self.creatives)
        self.category_keys = frozenset[str]().union(*(each.category_keys for each in ads))
        """The categories of its creatives, and those above them."""
        self.domain_keys = frozenset[str]().union(*(each.domain_keys for each in ads))
        """The domains that its creatives advertise, and those above them."""
        self.several_imps = campaign.several_imps
        self.names = names_of(campaign, self.creatives)
        self.salt = crc32(campaign.id.encode())
        self.period = Period(campaign)
        self.slot = 0
        """The campaign's place on the board."""

    def capped(self, ceiling: Ceiling) -> "Line":
        """The line under another predictor's ceiling: itself where that changes nothing, else a copy."""
        ceiling_micros = price_of(self, ceiling(self.campaign.goal), PPB)
        if ceiling_micros == self.ceiling_micros:
            return self
        line = copy(self)
        line.ceiling_micros = ceiling_micros
        return line


def price_of(line: Line, probability_ppb: int, multiplier_ppb: int) -> Micros:
    """What to bid for one impression: value times multiplier, less the margin, at most the campaign's maximum.

    All integers, rounded down once; a fixed CPM is its own value.
    """
    value = line.amount_micros if line.goal == "cpm" else line.amount_micros * probability_ppb // PPB
    price = value * multiplier_ppb * line.keep_ppb // (PPB * PPB)
    return Micros(min(price, line.max_micros))


class Period:
    """When a line may run: its flight, and its hours where it counts them by its own clock."""

    __slots__ = ("_enabled", "_hours", "_known", "_zone", "end_s", "start_s")

    def __init__(self, campaign: Campaign) -> None:
        self._zone = ZoneInfo(campaign.flight.timezone)
        self._enabled = campaign.enabled
        self.start_s = self._midnight(campaign.flight.start.toordinal())
        self.end_s = self._midnight(campaign.flight.end.toordinal() + 1)
        parts = campaign.dayparting
        self._hours = week_hours(parts) if parts is not None and parts.clock == "campaign" else None
        self._known = (0.0, Reason.PAUSED, 0.0)

    def at(self, now: float) -> tuple[Reason, float]:
        """`state` and `changes_at`, kept for as long as they hold: blocks are built anew more often than that."""
        since, state, until = self._known
        if not since <= now < until:
            state, until = self.state(now), self.changes_at(now)
            self._known = now, state, until
        return state, until

    def _midnight(self, ordinal: int) -> float:
        return datetime.combine(datetime.fromordinal(ordinal), time(), self._zone).timestamp()

    def state(self, now: float) -> Reason:
        """`Reason.BID` while the line may run, else why it may not."""
        if not self._enabled:
            return Reason.PAUSED
        if now < self.start_s:
            return Reason.FLIGHT_NOT_STARTED
        if now >= self.end_s:
            return Reason.FLIGHT_ENDED
        if self._hours is not None:
            local = datetime.fromtimestamp(int(now), self._zone)
            if local.weekday() * 24 + local.hour not in self._hours:
                return Reason.DAYPART
        return Reason.BID

    def changes_at(self, now: float) -> float:
        """The next moment at which `state` may differ; infinity where it never will."""
        if not self._enabled or now >= self.end_s:
            return float("inf")
        if now < self.start_s:
            return self.start_s
        if self._hours is None:
            return self.end_s
        hour = datetime.fromtimestamp(int(now), UTC).replace(minute=0, second=0, microsecond=0)
        quarters = (hour + timedelta(minutes=15 * step) for step in range(1, 9))  # zones are whole quarters off UTC
        return min(self.end_s, next(each.timestamp() for each in quarters if each.timestamp() > now))


def _amount(goal: Goal) -> Micros:
    return micros_from_cpm(goal.amount) if goal.type == "cpm" else micros_from_amount(Decimal(goal.amount))


def _by_format(campaign: Campaign, advertiser: str) -> dict[str, Sequence[Prepared]]:
    prepared = [prepare(creative, campaign.id, advertiser) for creative in campaign.creatives]
    return {
        name: tuple(each for each in prepared if each.format == name)
        for name in ("banner", "video", "audio", "native")
        if any(each.format == name for each in prepared)
    }
