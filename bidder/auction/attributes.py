"""The catalogue of targeting attributes: what a request says, what a campaign names, and the reason when they differ.

Matching (`bidder.auction.index`), explaining and counting all read this one table, so that they cannot disagree. The
order is the order of the gates.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bidder.auction import imp_values
from bidder.auction.keys import Values, bare
from bidder.auction.view import View
from bidder.config.schema import Campaign, Dayparting, Targeting
from bidder.domain.reason import Reason
from openrtb.imp import Imp

Named = Callable[[Campaign], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a request that campaigns may name.

    `include` lists what a campaign wants (nothing: it does not care), `exclude` what it refuses. A campaign that
    includes never matches a request that lacks the attribute; one that only excludes does.
    """

    name: str
    reason: Reason
    values: Callable[[View], Values]
    include: Named
    exclude: Named
    personal: bool = False
    source: str = ""
    """The part of the request that it reads (`auction.source`); none where requests hardly ever say the same twice."""
    reads: tuple[str, ...] = ()
    """What it reads there: attributes of the view, hashable, which alone decide about the values."""


@dataclass(frozen=True, slots=True)
class ImpAttribute:
    """One attribute of an imp that campaigns may name; otherwise as `Attribute`."""

    name: str
    reason: Reason
    values: Callable[[Imp], Values]
    include: Named
    exclude: Named
    personal: bool = False


def _request(
    name: str,
    reason: Reason,
    values: Callable[[View], Values],
    keys: Callable[[Targeting], Iterable[str]],
    *reads: str,
    personal: bool = False,
) -> Attribute:
    """`reads` begins with the source."""
    return Attribute(
        name,
        reason,
        values,
        lambda campaign: keys(campaign.include),
        lambda campaign: keys(campaign.exclude),
        personal,
        *_split(reads),
    )


def _split(reads: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return (reads[0], reads[1:]) if reads else ("", ())


def _imp(
    name: str, reason: Reason, values: Callable[[Imp], Values], keys: Callable[[Targeting], Iterable[str]]
) -> ImpAttribute:
    return ImpAttribute(
        name,
        reason,
        values,
        lambda campaign: keys(campaign.include),
        lambda campaign: keys(campaign.exclude),
    )


def _switch(
    name: str, reason: Reason, values: Callable[[Imp], Values], wanted: Callable[[Campaign], bool | None]
) -> ImpAttribute:
    def include(campaign: Campaign) -> Values:
        want = wanted(campaign)
        return () if want is None else ("yes",) if want else ("no",)

    return ImpAttribute(name, reason, values, include, _nothing)


def _safety(name: str, values: Callable[[View], Values], keys: Named, *reads: str) -> Attribute:
    return Attribute(name, Reason.BRAND_SAFETY, values, _nothing, keys, False, *_split(reads))


def _nothing(_campaign: Campaign) -> Values:
    return ()


def _folded(names: Iterable[str]) -> Values:
    return tuple(name.casefold() for name in names)


def _lower(names: Iterable[str]) -> Values:
    return tuple(name.lower() for name in names)


def _ages(target: Targeting) -> Values:
    return tuple(str(age) for each in target.age for age in range(each.min, each.max + 1))


def _categories(target: Targeting) -> Values:
    return tuple(f"{each.cattax}:{category}" for each in target.category for category in each.ids)


def _safe_categories(campaign: Campaign) -> Values:
    return tuple(f"{each.cattax}:{category}" for each in campaign.safety.categories for category in each.ids)


def week_hours(dayparting: Dayparting) -> frozenset[int]:
    """The hours of the week, Monday midnight being 0, in which a campaign runs."""
    return dayparting.of_week


def _user_hours(campaign: Campaign) -> Values:
    parts = campaign.dayparting
    return tuple(str(hour) for hour in week_hours(parts)) if parts is not None and parts.clock == "user" else ()


ATTRIBUTES: tuple[Attribute, ...] = (
    _request("exchange", Reason.EXCHANGE, View.exchanges, lambda t: t.exchange, "place", "exchange"),
    _request("environment", Reason.ENVIRONMENT, View.environments, lambda t: t.environment, "place", "environment"),
    _request("country", Reason.COUNTRY, View.countries, lambda t: t.country, "geo", "geo.country"),
    _request("region", Reason.REGION, View.regions, lambda t: _folded(t.region), "geo", "geo.country", "geo.region"),
    _request("metro", Reason.METRO, View.metros, lambda t: t.metro, "geo", "geo.metro"),
    _request("city", Reason.CITY, View.cities, lambda t: _folded(t.city), "geo", "geo.country", "geo.city"),
    _request("zip", Reason.ZIP, View.zips, lambda t: _folded(t.zip), "zip", "geo.country", "geo.zip"),
    _request(
        "device_type", Reason.DEVICE_TYPE, View.device_types, lambda t: t.device_type, "device", "device.devicetype"
    ),
    Attribute(
        "os",
        Reason.OS,
        View.oses,
        lambda c: tuple(each.name.lower() for each in c.include.os),
        lambda c: tuple(each.name.lower() for each in c.exclude.os if not (each.min or each.max)),
        source="device",
        reads=("system_name",),
    ),
    _request("browser", Reason.BROWSER, View.browsers, lambda t: _lower(t.browser), "device", "browser"),
    _request(
        "connection", Reason.CONNECTION, View.connections, lambda t: t.connection, "device", "device.connectiontype"
    ),
    _request(
        "language", Reason.LANGUAGE, View.languages, lambda t: _lower(t.language),
        "device", "device.langb", "device.language",
    ),
    _request("site", Reason.SITE, View.sites, lambda t: t.site, "place", "site_id"),
    _request("domain", Reason.DOMAIN, View.domains, lambda t: tuple(map(bare, t.domain)), "place", "domain"),
    _request("app", Reason.APP, View.apps, lambda t: t.app, "place", "app_id"),
    _request("bundle", Reason.BUNDLE, View.bundles, lambda t: _lower(t.bundle), "place", "bundle"),
    _request("publisher", Reason.PUBLISHER, View.publishers, lambda t: t.publisher, "place", "publisher_id"),
    _request("category", Reason.CATEGORY, View.categories, _categories, "topics", "topics"),
    _request("keyword", Reason.KEYWORD, View.keywords, lambda t: _lower(t.keyword)),
    _request("segment", Reason.SEGMENT, View.segments, lambda t: t.segment, personal=True),
    _request("age", Reason.AGE, View.ages, _ages, personal=True),
    _request("gender", Reason.GENDER, View.genders, lambda t: t.gender, personal=True),
    Attribute(
        "dayparting", Reason.USER_DAYPART, View.user_hours, _user_hours, _nothing
    ),
    _safety("safety.categories", View.categories, _safe_categories, "topics", "topics"),
    _safety("safety.domains", View.domains, lambda c: tuple(map(bare, c.safety.domains)), "place", "domain"),
    _safety("safety.bundles", View.bundles, lambda c: _lower(c.safety.bundles), "place", "bundle"),
    _safety("safety.keywords", View.content_keywords, lambda c: _lower(c.safety.keywords)),
)  # fmt: skip

IMP_ATTRIBUTES: tuple[ImpAttribute, ...] = (
    _imp("position", Reason.POSITION, imp_values.positions, lambda t: t.position),
    _switch(
        "placement.interstitial", Reason.INTERSTITIAL, imp_values.interstitials, lambda c: c.placement.interstitial
    ),
    _switch("placement.rewarded", Reason.REWARDED, imp_values.rewardeds, lambda c: c.placement.rewarded),
    _imp("video_placement", Reason.VIDEO_PLACEMENT, imp_values.video_placements, lambda t: t.video_placement),
    _imp("size", Reason.SIZE, imp_values.sizes, lambda t: t.size),
)  # fmt: skip
