"""`bidder explain REQUEST.json`: why each campaign would bid on a request, or not, and at which price.

Of a configuration directory with the champions of its store, or of what is or was live in a state directory.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace
from rich.console import Console

from bidder.clock import wall_s
from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.schema import Models
from bidder.config.wording import nearest
from bidder.engine import Engine
from bidder.explain.explanation import explain
from bidder.explain.table import show
from bidder.ledger.board import Board
from bidder.processes.handover import last_good
from bidder.processes.lineup import Lineup, Version
from bidder.processes.live_engine import engine_of
from bidder.processes.model_keeper import named
from bidder.processes.model_shelf import live_lineup
from models.errors import ModelError, StoreError
from models.manifest import MANIFEST, Outcome, fingerprint
from models.store import Store
from openrtb import DecodeError, decode_request
from openrtb.request import BidRequest

MOST_LISTED = 20


class UnreadableRequestError(Exception):
    """What should be explained is no bid request; the message says where and why."""


class UnknownNameError(Exception):
    """An exchange or a campaign that the configuration does not have."""


class NothingLiveError(Exception):
    """A state directory in which nothing ever was live."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("request", type=Path, help="a file with one bid request, - for standard input")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path, metavar="DIR", help="a configuration directory, and its models")
    source.add_argument("--state", type=Path, metavar="DIR", help="what a bidder has live: models, pacing and budgets")
    parser.add_argument("--models", metavar="DIR", help="their store; default: models.store of bidder.toml")
    parser.add_argument("--exchange", metavar="NAME", help="the exchange it came from; default: the only or first one")
    parser.add_argument("--campaign", metavar="ID", help="explain this campaign alone")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when something would bid, 1 when nothing would, 2 for unusable arguments or files."""
    try:
        request = _request(options.request)
        engine = _of_state(options.state) if options.state else _of_config(options.config, options.models)
        _check_names(options, engine)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (UnreadableRequestError, UnknownNameError, ConfigError, ModelError, NothingLiveError) as error:
        return _complain(str(error))
    now_s = wall_s()
    engine.snapshot.refresh(now_s)
    name = options.exchange or min(engine.snapshot.exchanges, default="")
    explanation = explain(engine, request, name, now_s, options.campaign)
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(explanation)) + b"\n")
    else:
        show(explanation, Console())
    return 0 if explanation.bids else 1


def _complain(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - the command's own output
    return 2


def _request(path: Path) -> BidRequest:
    """Raises `OSError`, `UnreadableRequestError`."""
    standard = str(path) == "-"
    try:
        return decode_request(sys.stdin.buffer.read() if standard else path.read_bytes())
    except DecodeError as error:
        where = "standard input" if standard else path
        raise UnreadableRequestError(f"{where}: a bid request as JSON is needed; {error}") from error


def _check_names(options: argparse.Namespace, engine: Engine) -> None:
    """Raises `UnknownNameError`: of an exchange or a campaign that is not there, nothing can be explained."""
    campaigns = [line.id for line in engine.snapshot.lines]
    for what, name, known in (
        ("exchange", options.exchange, sorted(engine.snapshot.exchanges)),
        ("campaign", options.campaign, sorted(campaigns)),
    ):
        if name is not None and name not in known:
            listed = f"; there are {', '.join(known[:MOST_LISTED])}{', ...' if len(known) > MOST_LISTED else ''}"
            raise UnknownNameError(f"no {what} {name!r}{nearest(name, known) or listed}")


def _of_state(state: Path) -> Engine:
    config = last_good(sorted((state / "live").glob("*.config")))
    if config is None:
        raise NothingLiveError(f"{state}: no configuration is or was live here; is this a --state of `bidder serve`?")
    return engine_of((config, live_lineup(state / "models")), Board.found(state / "board"))


def _of_config(directory: Path, store: str | None) -> Engine:
    config = load(directory)
    models = replace(config.bidder.models, store=store or config.bidder.models.store)
    return engine_of((config, Lineup(dict(_champions(models)))), None)


def _champions(models: Models) -> Iterator[tuple[Outcome, Version]]:
    """Those that may serve. Of the others it is told why, and the fixed probability stands."""
    store = Store(Path(models.store))
    for outcome, name in named(models).items():
        try:
            _, version = store.resolve(name)
            found = store.load(name, version)
            if found.outcome != outcome:
                raise StoreError(f"{name}:{version} predicts {found.outcome}, and it is named as a model of {outcome}")
        except ModelError as error:
            print(f"{error}; the fixed probability stands instead", file=sys.stderr)  # noqa: T201
            continue
        directory = store.directory(name, version)
        yield outcome, Version(name, version, str(directory), fingerprint((directory / MANIFEST).read_bytes()))
