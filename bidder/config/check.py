"""`bidder check`: the mistakes of a configuration directory, or what would be live."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.schema import Campaign, Config

LIVE = "live"
"""The state of a campaign that may bid today."""

_LISTED = 50


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `bidder check`."""
    parser.add_argument("directory", type=Path, help="the configuration directory")


def run(options: Namespace) -> int:
    """`bidder check`: 0 where the directory has no mistake, 1 where it has, 2 where it is no directory."""
    if not options.directory.is_dir():
        found = "a file" if options.directory.exists() else "nothing"
        wanted = "a directory with bidder.toml, exchanges/ and campaigns/; `bidder init DIR` writes one"
        sys.stderr.write(f"{options.directory}: {wanted}; found {found}\n")
        return 2
    try:
        config = load(options.directory)
    except ConfigError as error:
        sys.stdout.write(f"{error}\n")
        sys.stderr.write(f"{options.directory}: {error.counted}; nothing would change\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in summary(config, datetime.now(UTC))))
    return 0


def summary(config: Config, now: datetime) -> Iterator[str]:
    """What would be live at a moment, in lines of text."""
    campaigns = [campaign for advertiser in config.advertisers for campaign in advertiser.campaigns]
    yield f"configuration {config.digest}: no mistakes"
    yield f"exchanges: {len(config.exchanges)}"
    yield from _columns(
        (name, each.version, " ".join(each.currencies), f"bills on {each.billable}", "" if each.enabled else "disabled")
        for name, each in config.exchanges.items()
    )
    for number, taxonomy in sorted(config.taxonomies.items()):
        yield f"taxonomy {number}: {len(taxonomy.parents)} categories"
    yield f"campaigns: {_counted(state(each, now) for each in campaigns)}"
    yield from _columns(_row(each, config.bidder.account.currency, now) for each in campaigns[:_LISTED])
    if len(campaigns) > _LISTED:
        yield f"  and {len(campaigns) - _LISTED} more"
    creatives = [creative.format for each in campaigns for creative in each.creatives]
    yield f"creatives: {_counted(creatives)}"


def state(campaign: Campaign, now: datetime) -> str:
    """Whether a campaign is live on the day of a moment, by its own calendar."""
    return state_on(campaign, now.astimezone(ZoneInfo(campaign.flight.timezone)).date())


def state_on(campaign: Campaign, today: date) -> str:
    """Whether a campaign is live on a day of its own calendar."""
    if not campaign.enabled:
        return "paused"
    if today < campaign.flight.start:
        return "not started"
    return "ended" if today > campaign.flight.end else LIVE


def _row(campaign: Campaign, currency: str, now: datetime) -> tuple[str, ...]:
    budget = campaign.budget
    limits = [f"{budget.total} in all"] if budget.total is not None else []
    limits += [f"{budget.daily} a day"] if budget.daily is not None else []
    formats = " ".join(sorted({creative.format for creative in campaign.creatives}))
    goal = f"{campaign.goal.type} {campaign.goal.amount}"
    return campaign.id, state(campaign, now), goal, f"max {campaign.max_cpm} {currency}", ", ".join(limits), formats


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(Counter(names).items())) or "none"


def _columns(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
