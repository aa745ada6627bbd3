"""The command line of the mock exchange."""

import argparse
import asyncio
import json
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import uvloop
from yarl import URL

from bidder.lab.exchange.exchange import Exchange, Settings
from bidder.lab.exchange.report import summary
from bidder.lab.exchange.routes import NotLoopbackError, loopback_url
from bidder.lab.exchange.tally import Tally
from bidder.lab.exchange.view import watch_lines, watch_screen

USAGE_ERROR = 2
"""The exit code where the options cannot be followed."""

REACH_SECONDS = 2.0

_MAP_HELP = (
    "origin in notices and markup, and the loopback origin behind it, such as "
    "https://ads.example=http://127.0.0.1:8080; may be repeated"
)
_PATIENCE_HELP = "stretches every limit of time, on a machine that does other things as well (default 1)"
_AUCTIONS = {"first": 1, "second": 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that `run` reads."""
    parser.add_argument("--url", required=True, help="where to bid, such as http://127.0.0.1:8000/openrtb2/demo")
    parser.add_argument(
        "--seed", type=_natural, default=7, help="what traffic, rivals and people depend on (default 7)"
    )
    parser.add_argument("--rate", type=_positive, default=200.0, help="requests per second (default 200)")
    parser.add_argument("--seconds", type=_positive, default=60.0, help="length of the run (default 60)")
    parser.add_argument("--requests", type=_natural, help="stop after that many requests")
    parser.add_argument("--auction", choices=_AUCTIONS, help="type of every auction (default: as publishers have it)")
    parser.add_argument("--competition", type=_share, default=0.7, help="chance of each rival to bid (default 0.7)")
    parser.add_argument("--conversion-url", metavar="TEMPLATE", help="where sales are reported, with {click_id}")
    parser.add_argument("--map", action="append", default=[], type=_mapping, metavar="PUBLIC=LOCAL", help=_MAP_HELP)
    parser.add_argument("--in-flight", type=_at_least_one, default=512, help="requests under way at most (default 512)")
    parser.add_argument("--patience", type=_positive, default=1.0, help=_PATIENCE_HELP)
    parser.add_argument("--run", help="beginning of every request id (default: the time in hexadecimal)")
    parser.add_argument("--metrics-url", help="Prometheus page of the bidder, whose reasons are shown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the totals there")
    parser.add_argument("--plain", action="store_true", help="lines rather than a live screen")


def run(options: argparse.Namespace) -> int:
    """Run with the options of `add_arguments`. Returns 0 if the run was clean, 1 if not, 2 for wrong options."""
    try:
        exchange = Exchange(settings_from(options))
        if options.metrics_url is not None:
            loopback_url(options.metrics_url)
        _reach(loopback_url(options.url))
    except NotLoopbackError as error:
        sys.stderr.write(f"exchange: {error}\n")
        return USAGE_ERROR
    except OSError as error:
        sys.stderr.write(f"exchange: {options.url}: {error.strerror or error}; is the bidder running?\n")
        return USAGE_ERROR
    begin = time.monotonic()
    uvloop.run(_watched(exchange, options, begin))
    sys.stdout.write("\n".join(summary(exchange.tally, time.monotonic() - begin)) + "\n")
    if options.json is not None:
        options.json.write_text(json.dumps(exchange.tally.as_json(), indent=2) + "\n")
    return 0 if exchange.tally.is_clean else 1


def settings_from(options: argparse.Namespace) -> Settings:
    """The run that the options ask for."""
    return Settings(
        url=options.url,
        seed=options.seed,
        rate=options.rate,
        seconds=options.seconds,
        requests=options.requests,
        at=_AUCTIONS.get(options.auction),
        competition=options.competition,
        conversion_url=options.conversion_url,
        origins=dict(options.map),
        in_flight=options.in_flight,
        patience=options.patience,
        run=f"{int(time.time()):x}-" if options.run is None else options.run,
    )


def _reach(url: URL) -> None:
    """Return where connections are taken. Raises `OSError`."""
    socket.create_connection((str(url.host), url.port or 80), timeout=REACH_SECONDS).close()


async def _watched(exchange: Exchange, options: argparse.Namespace, begin: float) -> Tally:
    """The run with somebody watching it; SIGINT and SIGTERM stop it, a second time at once."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, exchange.stop)

    def elapsed() -> float:
        return time.monotonic() - begin

    live = sys.stdout.isatty() and not options.plain
    tally, page = exchange.tally, options.metrics_url
    watching = loop.create_task(watch_screen(tally, elapsed, page) if live else watch_lines(tally, elapsed))
    try:
        return await exchange.run()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def _at_least_one(text: str) -> int:
    number = _natural(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return number


def _positive(text: str) -> float:
    number = _number(text)
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _share(text: str) -> float:
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _mapping(text: str) -> tuple[str, str]:
    public, equals, local = text.partition("=")
    if not (public and equals and local):
        raise argparse.ArgumentTypeError(f"{text!r} is not PUBLIC=LOCAL")
    return public, local
