"""`bidder serve`: checks what can be checked, takes what must be taken, and hands over to control."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import closing
from pathlib import Path

import uvloop

from bidder.clock import wall_s
from bidder.config.live import Live
from bidder.config.mistake import ConfigError
from bidder.config.watch import changes
from bidder.events.segment import WriterBusyError
from bidder.ledger.store import StoreError
from bidder.processes.control import Control, Given
from bidder.processes.logs import configure_logs
from bidder.processes.places import Places
from bidder.processes.ports import PortError
from bidder.processes.settings import Settings
from bidder.processes.state import State, StateError
from bidder.processes.supervisor import StartError
from bidder.processes.tls import TlsError, tls_context

STOPPED, UNUSABLE = 0, 2
"""Exit codes: drained after a signal; cannot serve with these arguments, this configuration or this machine."""


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--config", type=Path, required=True, metavar="DIR", help="the configuration directory")
    parser.add_argument(
        "--state", type=Path, default=Path("state"), metavar="DIR", help="what it keeps (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=_count, default=_usable_cores(), metavar="N", help="bid workers (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--bid-port", type=_port, default=8000, metavar="PORT", help="for exchanges' requests (default: %(default)s)"
    )
    parser.add_argument(
        "--web-port", type=_port, default=8080, metavar="PORT", help="for notices and people (default: %(default)s)"
    )


def run(options: Namespace) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    settings = Settings(
        config=options.config,
        state=options.state,
        workers=options.workers,
        host=options.host,
        bid_port=options.bid_port,
        web_port=options.web_port,
    )
    try:
        uvloop.run(_serve(settings))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n{settings.config}: {len(error.mistakes)} mistakes; nothing is served\n")
    except (StateError, PortError, StartError, StoreError, TlsError, WriterBusyError) as error:
        sys.stderr.write(f"bidder serve: {error}\n")
    else:
        return STOPPED
    return UNUSABLE


async def _serve(settings: Settings) -> None:
    """Raises `ConfigError`, `StateError`, `PortError`, `StartError`, `StoreError`, `TlsError`, `WriterBusyError`."""
    edits = changes(settings.config)
    live = Live(settings.config, wall_s())
    tls_context(live.config.bidder.server)  # workers make their own: this one only tells whether they can
    with closing(State(settings.state)) as state, closing(Places(settings)) as places:
        configure_logs("control")
        await Control(Given(settings=settings, live=live, edits=edits, state=state, places=places)).run()


def _usable_cores() -> int:
    """One core is left for control where there are several."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 256):
        raise ArgumentTypeError(f"expected a number from 1 to 256, found {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ArgumentTypeError(f"expected a port from 0 (any free one) to 65535, found {text!r}")
    return int(text)
