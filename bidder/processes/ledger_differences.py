"""What does not agree in a ledger: lines, balances, budgets and telemetry, each compared with each. Pure.

Every difference is told with the campaign, the line and both values.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from bidder.ledger.account import Budget
from bidder.ledger.entry import Balance, Entry, Fund
from bidder.ledger.store import added_up
from bidder.processes.ledger_standing import Standing

SLACK_SECONDS = 60
"""A day begins in the book some time after it does on the clock."""

Limit = Callable[[Fund], int | None]


class Told(Struct, frozen=True):
    """What telemetry tells of a bid, or of a notice that took effect."""

    kind: str
    """`bid`, or the kind of a line."""
    bid_id: int
    campaign: str
    values: Mapping[str, int | str]
    """What the lines of the bid, or that of the notice, must have, by the names of `Entry`'s fields."""


def between_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Each line balances, stands there once, and each bid is resolved once."""
    resolved: Counter[int] = Counter()
    for entry in entries:
        resolved[entry.bid_id] += int(entry.reserved_micros > 0)
        if not entry.balances:
            yield f"{_name(entry)} does not balance: {entry}"
    for (bid_id, kind), count in Counter((entry.bid_id, entry.kind) for entry in entries).items():
        if count > 1:
            yield f"bid {bid_id:016x}: {count} lines of kind {kind}"
    yield from (f"bid {bid_id:016x}: resolved {count} times" for bid_id, count in resolved.items() if count > 1)


def from_balances(entries: Iterable[Entry], balances: Iterable[Balance]) -> Iterator[str]:
    """Balances are what lines add up to, sum by sum."""
    sums = added_up(entries)
    kept = {(balance.campaign, balance.day): balance for balance in balances}
    for campaign, day in sorted({*sums, *kept}):
        none = Balance(campaign=campaign, day=day)
        found, balance = sums.get((campaign, day), none), kept.get((campaign, day), none)
        for name in Balance.__struct_fields__[2:]:
            lines, told = getattr(found, name), getattr(balance, name)
            if lines != told:
                yield f"{campaign}, {day}, {name}: the lines add up to {lines}, the balance is {told}"


def from_telemetry(entries: Iterable[Entry], told: Iterable[Told]) -> Iterator[str]:
    """What telemetry tells stands in the journal: there are all notices that took effect, and nothing was changed."""
    lines: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        lines[entry.bid_id].append(entry)
    for each in told:
        own = [entry for entry in lines[each.bid_id] if each.kind in {"bid", entry.kind}]
        if not own and each.kind != "bid":
            values = ", ".join(f"{name} {value}" for name, value in each.values.items())
            name = f"{each.campaign}, bid {each.bid_id:016x}, {each.kind} line"
            yield f"{name}: acknowledged with {values}, the journal has none"
        for entry in own:
            for name, value in {"campaign": each.campaign, **each.values}.items():
                if getattr(entry, name) != value:
                    yield f"{_name(entry)}, {name}: recorded as {value}, in the journal as {getattr(entry, name)}"


def from_funds(entries: Iterable[Entry], funds: Iterable[Fund]) -> Iterator[str]:
    """Margins are what campaigns stated, and lines are booked to the day that it was."""
    history = _by_campaign(funds)
    for entry in entries:
        known = history.get(entry.campaign, [])
        margins = {Budget(margin_ppb=each.margin_ppb).margin_micros(entry.spent_micros) for each in known}
        if known and entry.margin_micros not in margins:
            wanted = " or ".join(map(str, sorted(margins)))
            yield f"{_name(entry)}, margin_micros: {wanted} by the campaign, in the journal {entry.margin_micros}"
        days = {str(_local(entry, each, slack_s).date()) for each in known for slack_s in (0, SLACK_SECONDS)}
        if known and entry.spent_micros and entry.day not in days:
            wanted = " or ".join(sorted(days))
            yield f"{_name(entry)}, day: {wanted} by the time of the line, in the journal {entry.day}"


def beyond_budgets(found: Iterable[Standing], entries: Iterable[Entry], funds: Iterable[Fund]) -> Iterator[str]:
    """Flights, days and clock hours end within their budgets.

    An edit may put a budget below what is committed, so the highest there was is what counts.
    """
    history = _by_campaign(funds)
    hours = _hours(entries, history)
    for each in found:
        known = history.get(each.campaign, [])
        total, daily, hourly = (
            _highest(limit, known)
            for limit in (lambda fund: fund.total_micros, lambda fund: fund.day_micros, lambda fund: fund.hour_micros)
        )
        if total is not None and each.committed > total:
            yield f"{each.campaign}: {each.committed} micros are spent or may yet be, the budget is {total}"
        for day, spent in each.days.items():
            if daily is not None and spent > daily:
                yield f"{each.campaign}, {day}: {spent} micros are spent, the budget of a day is {daily}"
        for hour, spent in hours.get(each.campaign, {}).items():
            if hourly is not None and spent > hourly:
                yield f"{each.campaign}, hour of {hour}: {spent} micros are spent, the budget of an hour is {hourly}"


def _by_campaign(funds: Iterable[Fund]) -> dict[str, list[Fund]]:
    """The funds of each campaign, in the order of time."""
    found: dict[str, list[Fund]] = defaultdict(list)
    for fund in sorted(funds, key=lambda fund: fund.at_ms):
        found[fund.campaign].append(fund)
    return found


def _hours(entries: Iterable[Entry], history: Mapping[str, Sequence[Fund]]) -> dict[str, Counter[str]]:
    """What campaigns spent by clock hours of the timezone that they had then."""
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        known = history.get(entry.campaign, [])
        if known and entry.spent_micros:
            fund = known[max(0, bisect_right(known, entry.at_ms, key=lambda fund: fund.at_ms) - 1)]
            hour = _local(entry, fund).replace(minute=0, second=0, microsecond=0)
            hours[entry.campaign][hour.isoformat()] += entry.spent_micros
    return hours


def _local(entry: Entry, fund: Fund, slack_s: int = 0) -> datetime:
    return datetime.fromtimestamp(entry.at_ms / 1000 - slack_s, UTC).astimezone(ZoneInfo(fund.timezone))


def _highest(limit: Limit, funds: Iterable[Fund]) -> int | None:
    limits = [limit(fund) for fund in funds]
    known = [each for each in limits if each is not None]
    return max(known) if known and len(known) == len(limits) else None


def _name(entry: Entry) -> str:
    return f"{entry.campaign}, bid {entry.bid_id:016x}, {entry.kind} line"
