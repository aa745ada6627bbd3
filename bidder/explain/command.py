"""`bidder explain REQUEST.json`: why each campaign of a configuration would bid on a request, or not."""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.score import FixedPredictor
from bidder.clock import wall_s
from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.engine import Engine
from bidder.explain.explanation import explain
from bidder.explain.table import show
from bidder.pacing.purse import OpenPurse
from openrtb import DecodeError, decode_request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("request", type=Path, help="a file with one bid request, - for standard input")
    parser.add_argument("--config", type=Path, required=True, metavar="DIR", help="the configuration directory")
    parser.add_argument("--exchange", metavar="NAME", help="the exchange it came from; default: the only or first one")
    parser.add_argument("--campaign", metavar="ID", help="explain this campaign alone")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when something would bid, 1 when nothing would, 2 for unusable arguments or files."""
    try:
        body = sys.stdin.buffer.read() if str(options.request) == "-" else options.request.read_bytes()
        request = decode_request(body)
        config = load(options.config)
    except (OSError, DecodeError, ConfigError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's own output
        return 2
    name = options.exchange or next(iter(sorted(config.exchanges)), "")
    predictors = Always(FixedPredictor(config.bidder.prediction))
    engine = Engine(compile_snapshot(config, predictors.ceiling), OpenPurse(), predictors)
    now_s = wall_s()
    engine.snapshot.refresh(now_s)
    explanation = explain(engine, request, name, now_s, options.campaign)
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(explanation)) + b"\n")
    else:
        show(explanation, Console())
    return 0 if explanation.bids else 1
