"""`python -m loadtests COMMAND`: see `--help`. Each command lives in a module of its own."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

COMMANDS = {
    "openloop": "requests at a rate that does not depend on the answers, latency from the intended moment",
    "load": "a run of the Locust kit, with notices and clicks, and its reports",
    "goodput": "the rate that a bidder can answer in time, and what becomes of three and ten times as much",
    "soak": "seventy percent load with edits and notices: memory, descriptors and late answers",
    "compare": "two results side by side, with a verdict for each metric",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = ArgumentParser(prog="python -m loadtests", description="Load tests of a running bidder, over HTTP alone.")
    adding = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    parsers = {name: adding.add_parser(name, help=help_, description=help_) for name, help_ in COMMANDS.items()}
    module: ModuleType | None = None
    if given[:1] and given[0] in COMMANDS:
        module = import_module(f"loadtests.{given[0]}")
        module.add_arguments(parsers[given[0]])
    options = parser.parse_args(given)
    assert module is not None  # noqa: S101 - parse_args ends the program where no command is named
    return int(module.run(options))


if __name__ == "__main__":
    sys.exit(main())
