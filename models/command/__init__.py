"""The commands of `bidder model`, which are also those of `python -m models`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final

from models.command import evaluate, inspect, roles, train
from models.command.output import DONE, REFUSED, UNUSABLE, Run, complaining

__all__ = ["DONE", "REFUSED", "UNUSABLE", "add_arguments", "run"]

_COMMANDS: Final[dict[str, tuple[Callable[[ArgumentParser], None], Run, str]]] = {
    "train": (train.add_arguments, train.run, "learn a model from data and put it into the store"),
    "evaluate": (evaluate.add_arguments, evaluate.run, "measure a model on data and write a report"),
    "list": (inspect.add_list_arguments, inspect.run_list, "what the store holds"),
    "show": (inspect.add_show_arguments, inspect.run_show, "one version, and whether it may serve"),
    "promote": (roles.add_promote_arguments, roles.run_promote, "make a version the champion"),
    "rollback": (roles.add_rollback_arguments, roles.run_rollback, "make the previous version the champion again"),
    "shadow": (roles.add_shadow_arguments, roles.run_shadow, "score a version beside the champion"),
    "canary": (roles.add_canary_arguments, roles.run_canary, "let a version answer a share of the bids"),
}


def add_arguments(parser: ArgumentParser) -> None:
    """The commands as subparsers; `run` takes what the parser makes of them."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (add, command, about) in _COMMANDS.items():
        each = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        add(each)
        each.set_defaults(model_command=command)


def run(options: Namespace) -> int:
    """Runs the command that was parsed. Returns 0 when done, 1 where something was refused, 2 for wrong usage."""
    return complaining(options.model_command)(options)
