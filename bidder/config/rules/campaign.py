"""Rules about a campaign: its flight, its money, its creatives."""

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from bidder.config.lines import Path
from bidder.config.mistake import NOTHING, Fault
from bidder.config.rules.registry import rule
from bidder.config.schema import Advertiser, Budget, Campaign, Flight, Group, Transparency
from bidder.config.tables import elements, ids
from bidder.config.wording import nearest


@rule(Flight, "start", "end")
def a_flight_ends_after_it_starts(flight: Flight) -> Iterator[Fault]:
    if flight.end < flight.start:
        yield Fault(("end",), f"a day not before `start` ({flight.start})", flight.end)


@rule(Flight, "timezone")
def the_timezone_is_known(flight: Flight) -> Iterator[Fault]:
    if flight.timezone not in _timezones():
        wanted = f"a timezone of the IANA database, as in `Europe/Berlin`{nearest(flight.timezone, _timezones())}"
        yield Fault(("timezone",), wanted, flight.timezone)


@rule(Group, "timezone")
def the_timezone_of_a_group_is_known(group: Group) -> Iterator[Fault]:
    if group.timezone not in _timezones():
        wanted = f"a timezone of the IANA database, as in `Europe/Berlin`{nearest(group.timezone, _timezones())}"
        yield Fault(("timezone",), wanted, group.timezone)


@rule(Advertiser, "group", "groups*", "campaigns*")
def campaigns_share_groups_of_their_file(advertiser: Advertiser) -> Iterator[Fault]:
    known = [name for _, name in ids(advertiser.groups)]
    named: list[tuple[Path, str | None]] = [(("group",), advertiser.group)]
    named += [(("campaigns", index, "group"), each.group) for index, each in elements(advertiser.campaigns)]
    for path, name in named:
        if isinstance(name, str) and name not in known:
            yield Fault(path, f"the id of one of the `[[groups]]` of this file{nearest(name, known)}", name)


@rule(Budget, "total", "daily")
def a_budget_has_a_limit(budget: Budget) -> Iterator[Fault]:
    if budget.total is None and budget.daily is None:
        yield Fault((), "`total`, `daily` or both", NOTHING)


@rule(Budget, "total", "daily")
def a_day_does_not_spend_more_than_all(budget: Budget) -> Iterator[Fault]:
    if budget.total is not None and budget.daily is not None and budget.daily > budget.total:
        yield Fault(("daily",), f"at most `total` ({budget.total})", budget.daily)


@rule(Budget, "daily", "hourly", "minimum_daily")
def an_hour_and_the_least_are_within_the_day(budget: Budget) -> Iterator[Fault]:
    for name in ("hourly", "minimum_daily"):
        amount = getattr(budget, name)
        if amount is not None and budget.daily is not None and amount > budget.daily:
            yield Fault((name,), f"at most `daily` ({budget.daily})", amount)


@rule(Budget, "hourly")
def an_hour_spends_something(budget: Budget) -> Iterator[Fault]:
    if budget.hourly == 0:
        yield Fault(("hourly",), "above 0; to stop a campaign, set `enabled = false`", budget.hourly)


@rule(Campaign, "goal", "max_cpm")
def a_fixed_cpm_is_within_the_maximum(campaign: Campaign) -> Iterator[Fault]:
    if campaign.goal.type == "cpm" and campaign.goal.amount > campaign.max_cpm:
        yield Fault(("max_cpm",), f"at least the CPM of the goal ({campaign.goal.amount})", campaign.max_cpm)


@rule(Transparency, "domain", "params")
def who_applied_parameters_says_which(dsa: Transparency) -> Iterator[Fault]:
    if dsa.domain is not None and not dsa.params:
        yield Fault(("params",), "required with `domain`: the parameters it applied")
    if dsa.params and dsa.domain is None:
        yield Fault(("domain",), "required with `params`: who applied them")


@rule(Campaign)
def creative_ids_are_unique(campaign: Campaign) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, name in ids(campaign.creatives):
        if name in seen:
            yield Fault(("creatives", index, "id"), "an id that no other creative of the campaign has", name)
        seen.add(name)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())
