"""`bidder ledger audit` and `bidder ledger show CAMPAIGN`: the money in a state directory, served or not."""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from bidder.clock import wall_s
from bidder.ledger.store import StoreError
from bidder.processes.handover import last_good
from bidder.processes.ledger_audit import audit, read
from bidder.processes.ledger_table import show_audit, show_campaign

AGREES, DIFFERS, UNUSABLE = 0, 1, 2
WIDTH = 132


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    auditing = actions.add_parser("audit", help="add everything up anew, and name what does not agree")
    auditing.add_argument("--json", action="store_true", help="for programs")
    showing = actions.add_parser("show", help="what became of a campaign's money")
    showing.add_argument("campaign", metavar="CAMPAIGN", help="its id")
    for each in (auditing, showing):
        each.add_argument("--state", type=Path, default=Path("state"), metavar="DIR", help="default: %(default)s")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when everything agrees, 1 when not, 2 where there is no such ledger or campaign."""
    if not (options.state / "ledger.db").is_file():
        sys.stderr.write(f"bidder ledger: {options.state}: no ledger.db here; is this a --state of `bidder serve`?\n")
        return UNUSABLE
    try:
        return _audit(options) if options.action == "audit" else _show(options)
    except (OSError, StoreError) as error:
        sys.stderr.write(f"bidder ledger: {error}\n")
        return UNUSABLE


def _audit(options: argparse.Namespace) -> int:
    found = audit(options.state, wall_s())
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    else:
        show_audit(found, _currency(options.state), _console())
    return DIFFERS if found.differences else AGREES


def _show(options: argparse.Namespace) -> int:
    found = audit(options.state, wall_s())
    standing = next((each for each in found.standings if each.campaign == options.campaign), None)
    if standing is None:
        names = ", ".join(each.campaign for each in found.standings) or "none"
        sys.stderr.write(f"bidder ledger: {options.campaign}: no such campaign; known are: {names}\n")
        return UNUSABLE
    lines = [entry for entry in read(options.state, wall_s()).entries if entry.campaign == options.campaign]
    show_campaign(standing, lines, found, _currency(options.state), _console())
    return AGREES


def _console() -> Console:
    """Wide enough for the tables, also where the output is a file."""
    return Console(width=max(WIDTH, Console().width))


def _currency(state: Path) -> str:
    """Of the configuration that was live last."""
    config = last_good(sorted((state / "live").glob("*.config")))
    return config.bidder.account.currency if config is not None else ""
