"""The command line. Each command lives next to its code and is loaded only when it is called."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, cast

DESCRIPTION = "A programmatic ad bidder: OpenRTB in, right bids out, inside the deadline and the budget."
EPILOG = """\
start here:
  bidder init my-config --template demo     write a configuration
  bidder serve --config my-config           bid with it
  bidder COMMAND --help                     what a command takes
"""
UNUSABLE = 2


class Command(NamedTuple):
    """A command by its name, the module that it lives in, and what it does."""

    name: str
    module: str
    help: str


class CommandModule(Protocol):
    """What the module of a command offers."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    """Returns the exit code."""


COMMANDS = (
    Command("init", "bidder.config.templates", "write a configuration to start from"),
    Command("check", "bidder.config.check", "say what is wrong with a configuration, or what it would make live"),
    Command(
        "ledger", "bidder.processes.ledger_command", "what became of the money: add it up anew, or show a campaign"
    ),
    Command("query", "bidder.query.command", "ask the event log in SQL: bids, outcomes, notices, reasons, edits"),
    Command("serve", "bidder.processes.serve", "bid: open the bid port and the web port"),
    Command("explain", "bidder.processes.explain_command", "say why each campaign would bid on a request, or not"),
    Command("demo", "bidder.demo.command", "serve the demo configuration to a mock exchange, and watch"),
    Command("demo-log", "bidder.demo.offline", "play the demo's market without network or waiting, into an event log"),
    Command("exchange", "bidder.lab.exchange.command", "send seeded traffic to a bidder as an exchange would"),
    Command("model", "models.command", "train, measure and manage conversion models"),
    Command("pacing", "bidder.rehearsal.command", "draw what an edit of a campaign would lead to, before it is saved"),
    Command("simulate", "bidder.lab.simulate", "pace recorded auctions and judge it"),
    Command("feed", "bidder.lab.feed", "send recorded requests to a bidder, and judge its answers"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Wrong usage raises `SystemExit` with code 2."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser, commands = _parser()
    named = next((each for each in COMMANDS if given[:1] == [each.name]), None)
    if named is None:
        parser.parse_args(given)
        parser.error("a command is needed")
    module = _load(named)
    if module is None:
        sys.stderr.write(f"bidder {named.name}: not part of this installation\n")
        return UNUSABLE
    module.add_arguments(commands[named.name])
    return module.run(parser.parse_args(given))


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of the command line, and those of the commands, still without their arguments."""
    parser = argparse.ArgumentParser(
        prog="bidder", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    adding = parser.add_subparsers(metavar="COMMAND", title="commands")
    return parser, {each.name: adding.add_parser(each.name, help=each.help, description=each.help) for each in COMMANDS}


def _load(command: Command) -> CommandModule | None:
    """The module of a command; None where it is not installed. Raises what goes wrong inside it."""
    try:
        return cast("CommandModule", import_module(command.module))
    except ModuleNotFoundError as error:
        if error.name is not None and command.module.startswith(error.name):
            return None
        raise
