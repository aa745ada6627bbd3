"""The ledger for people: what became of every dollar of a campaign, and what an audit found."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bidder.domain.money import MICROS
from bidder.ledger.entry import Entry
from bidder.processes.ledger_audit import Audit
from bidder.processes.ledger_standing import Standing

LAST_LINES = 10


def amount(micros: int | None, currency: str = "") -> str:
    """An amount as people write it; "no limit" for None. Fractions of a cent are told where there are some."""
    if micros is None:
        return "no limit"
    digits = 2 if micros % (MICROS // 100) == 0 else 6
    return f"{micros / MICROS:,.{digits}f} {currency}".rstrip()


def bound(standing: Standing, workers: int, currency: str) -> str:
    """By how much a flight can end above its budget, in a sentence."""
    served = f"with {workers} workers, " if workers else "with nobody serving, "
    return f"{served}these bids and holds: at most {amount(standing.overspend_bound, currency)} above the budget"


def show_campaign(standing: Standing, lines: Iterable[Entry], audit: Audit, currency: str, console: Console) -> None:
    """The story of a campaign's money."""
    of = f" of {standing.advertiser}" if standing.advertiser else ""
    _say(console, f"{standing.campaign}{of}, flight since {standing.since or 'ever'}")
    table = _table("", currency, "")
    left = None if standing.budget is None else standing.budget - standing.committed
    for name, micros, text in (
        ("budget", standing.budget, "for the flight"),
        ("of a day", standing.daily, "the most in a day of its timezone"),
        ("granted", standing.unspent, "workers may bid it now"),
        ("reserved", standing.held, "bids that wait for their outcome, at full price"),
        ("unnamed", standing.unnamed, "bids without a record, held until the longest has expired"),
        ("spent", standing.spent, f"in this flight; {standing.bills} bills, {standing.wins} wins"),
        ("left", left, "of the flight may still be granted"),
        ("released", standing.released, f"given back: {standing.losses} losses, and bills below the bid"),
        ("late", standing.late, "claimed when nothing was reserved any more; outside the budget"),
        ("margin", standing.margin, "owed to us beside what is spent"),
        ("fees", standing.fee, "owed to exchanges beside what is spent"),
    ):
        table.add_row(name, amount(micros), text)
    _show(console, table)
    _say(console, bound(standing, audit.workers, currency))
    _show_days(standing, currency, console)
    _show_lines(list(lines)[-LAST_LINES:], console)


def show_audit(audit: Audit, currency: str, console: Console) -> None:
    """Every campaign in a row, and what does not agree."""
    table = _table(
        f"campaign ({currency})",
        "budget",
        "of a day",
        "spent",
        "held",
        "granted",
        "late",
        "margin",
        "fees",
        "can end above",
    )
    for each in audit.standings:
        sums = (each.budget, each.daily, each.spent, each.held + each.unnamed, each.unspent, each.late)
        table.add_row(each.campaign, *map(amount, (*sums, each.margin, each.fee, each.overspend_bound)))
    _show(console, table)
    for difference in audit.differences:
        _say(console, f"DIFFERENCE {difference}")
    for unread in audit.unread:
        _say(console, f"UNREAD {unread}")
    agrees = "everything that can be read agrees" if audit.unread else "everything agrees"
    verdict = f"{len(audit.differences)} differences" if audit.differences else agrees
    alone = f" ({audit.unrecorded} whose notice is not recorded)" if audit.unrecorded else ""
    compared = f"{audit.bids} recorded bids, {audit.notices} recorded notices"
    _say(console, f"{audit.lines} lines{alone}, {compared}: {verdict}")


def _show_days(standing: Standing, currency: str, console: Console) -> None:
    table = _table("day", f"spent {currency}")
    for day, spent in standing.days.items():
        table.add_row(day, amount(spent))
    _show(console, table)


def _show_lines(lines: Iterable[Entry], console: Console) -> None:
    table = _table("time (UTC)", "bid", "line", "outcome", "bid at", "spent", "released", "late", "fee")
    for entry in lines:
        at = datetime.fromtimestamp(entry.at_ms / 1000, UTC)
        moved = (entry.price_micros, entry.spent_micros, entry.released_micros, entry.late_micros, entry.fee_micros)
        name = f"{entry.bid_id:016x}"
        table.add_row(f"{at:%Y-%m-%d %H:%M:%S}", name, entry.kind, entry.outcome, *map(amount, moved))
    _show(console, table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table


def _show(console: Console, table: Table) -> None:
    console.print(table)
    console.print()


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)
