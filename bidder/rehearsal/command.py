"""`bidder pacing preview CAMPAIGN`: the day that an edit would lead to, before it is saved.

The live controller plays the day in the market that pacing has learned (`--state`), or in one that is made up.
"""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from rich.console import Console

from bidder.clock import wall_s
from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.schema import Campaign, Config
from bidder.config.wording import nearest
from bidder.pacing.day import Day, day_of
from bidder.pacing.exchanges import Exchanges
from bidder.pacing.line import exchanges_of, worth_micros
from bidder.pacing.memory import Memory
from bidder.processes.pacer_file import Kept, UnusableError
from bidder.processes.pacer_file import load as load_kept
from bidder.rehearsal.draw import chart, summary
from bidder.rehearsal.edit import EditError, edited
from bidder.rehearsal.live import live_campaign
from bidder.rehearsal.market import Market, planned_micros, recorded, seeded
from bidder.rehearsal.picture import picture, require_picture
from bidder.rehearsal.play import Rehearsal, rehearse

FINE, MISTAKE, UNUSABLE = 0, 1, 2


class UnusableArgumentsError(Exception):
    """Nothing can be played with these arguments; the message says why."""


class Preview(Struct, frozen=True):
    """What `--json` prints. Lists of a rehearsal are by step."""

    campaign: str
    date: str
    market: str
    """`recorded` or `seeded`."""
    before: Rehearsal | None
    """As it is; None where nothing is edited."""
    after: Rehearsal


class _Given(NamedTuple):
    config: Config
    before: Campaign | None
    after: Campaign
    kept: Kept


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    preview = commands.add_parser("preview", help="draw the day that an edit would lead to", description=__doc__)
    add = preview.add_argument
    add("campaign", help="the id of the campaign")
    add("--config", type=Path, required=True, metavar="DIR", help="the configuration, edited or not")
    add("--state", type=Path, metavar="DIR", help="of the running bidder: the market it learned, and what is live")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="an edit to try, as in budget.daily=140")
    add("--date", type=_date, metavar="DAY", help="the day to play, as in 2026-01-31 (default: today)")
    add("--plot", type=Path, metavar="FILE", help="draw it into a .png, .svg or .pdf")
    add("--json", action="store_true", help="print the curves for programs")


def run(options: Namespace) -> int:
    """Exit code 0; 1 where the configuration or the edit has mistakes, 2 for unusable arguments or files."""
    try:
        return _preview(options)
    except (ConfigError, EditError) as error:
        return _complain(str(error), MISTAKE)
    except (UnusableArgumentsError, UnusableError, OSError) as error:
        return _complain(str(error), UNUSABLE)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"a day such as 2026-01-31 is needed, found {text!r}") from error


def _preview(options: Namespace) -> int:
    if options.plot is not None:
        require_picture(options.plot)
    given = _given(options)
    zone = ZoneInfo(given.after.flight.timezone)
    day = _day(given.after, options.date, zone)
    memory = given.kept.lines.get(given.after.id)
    market, name = _market(given, memory, day)
    before = _as_it_is(given, day, market, memory)
    after = rehearse(given.after, day, market, memory)
    shown = Preview(given.after.id, f"{datetime.fromtimestamp(day.start_s, zone):%Y-%m-%d}", name, before, after)
    if options.json:
        sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")
    else:
        _print(shown, zone, given)
    if options.plot is not None:
        picture(options.plot, shown.after, shown.before, zone)
    return FINE


def _as_it_is(given: _Given, day: Day, market: Market, memory: Memory | None) -> Rehearsal | None:
    """The same day without the edit, by the clock that the campaign has without it; None where it does not run."""
    if given.before is None:
        return None
    same = day_of(given.before, (day.start_s + day.end_s) / 2)
    return rehearse(given.before, same, market, memory) if same.end_s else None


def _given(options: Namespace) -> _Given:
    config = load(options.config)
    written = _campaign(config, options.campaign)
    kept = Kept()
    live = None
    if options.state is not None:
        if not options.state.is_dir():
            raise UnusableArgumentsError(f"--state: no such directory: {options.state}")
        kept = load_kept(options.state / "pacing")
        live = live_campaign(options.state, options.campaign)
    after = edited(written, options.set) if options.set else written
    before = written if options.set else live
    return _Given(config, before if before != after else None, after, kept)


def _campaign(config: Config, name: str) -> Campaign:
    found = {each.id: each for advertiser in config.advertisers for each in advertiser.campaigns}
    if name not in found:
        raise UnusableArgumentsError(f"no campaign has the id {name!r}{nearest(name, found)}")
    return found[name]


def _day(campaign: Campaign, wanted: date | None, zone: ZoneInfo) -> Day:
    at = datetime.fromtimestamp(wall_s(), UTC) if wanted is None else datetime.combine(wanted, time(12), zone)
    day = day_of(campaign, at.timestamp())
    if not day.end_s:
        flight = campaign.flight
        raise UnusableArgumentsError(
            f"{at.astimezone(zone):%Y-%m-%d} is not in its flight, {flight.start} to {flight.end}"
        )
    return day


def _market(given: _Given, memory: Memory | None, day: Day) -> tuple[Market, str]:
    campaign, prediction = given.after, given.config.bidder.prediction
    rate = Exchanges(given.kept.exchanges).rate(exchanges_of(campaign, given.config.exchanges))
    market = recorded(memory, rate) if memory is not None else None
    if market is not None:
        return market, "recorded"
    chances = {"click": float(prediction.click), "conversion": float(prediction.conversion)}
    budgets = [planned_micros(each, day, memory) for each in (given.before, campaign) if each is not None]
    return seeded(campaign, day, max(budgets), worth_micros(campaign, chances)), "seeded"


def _print(shown: Preview, zone: ZoneInfo, given: _Given) -> None:
    console, currency = Console(highlight=False), given.config.bidder.account.currency
    console.print(f"{shown.campaign}, {shown.date} ({zone.key}), {given.after.pacing.mode}; market: {shown.market}")
    console.print(chart(shown.after, shown.before, zone), soft_wrap=True)
    console.print("· planned")
    known = shown.campaign in given.kept.lines
    if shown.before is not None and given.before is not None:
        console.print(f"○ as it is: {summary(given.before, shown.before, currency, known)}", soft_wrap=True)
    after = summary(given.after, shown.after, currency, known)
    console.print(f"█ {'edited' if shown.before else 'as it is'}: {after}", soft_wrap=True)


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"bidder pacing preview: {message}\n")
    return code
