"""`bidder serve`: takes what must be taken, and watches over control."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import closing
from pathlib import Path

from bidder.processes.logs import configure_logs
from bidder.processes.machine import MachineError, check_descriptors
from bidder.processes.places import Places
from bidder.processes.ports import PortError
from bidder.processes.settings import HandedDown, Settings
from bidder.processes.state import State, StateError
from bidder.processes.watchdog import Watchdog

UNUSABLE = 2
"""Exit code where it cannot serve with these arguments or this machine; `control_process` has the others."""


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--config", type=Path, required=True, metavar="DIR", help="the configuration directory")
    parser.add_argument(
        "--state", type=Path, default=Path("state"), metavar="DIR", help="what it keeps (default: %(default)s)"
    )
    parser.add_argument("--workers", type=_count, metavar="N", help="bid workers (default: as the configuration says)")
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
        check_descriptors()
        with closing(State(settings.state)), closing(Places.take(settings)) as places:
            return _watched(settings, places)
    except (MachineError, StateError, PortError) as error:
        sys.stderr.write(f"bidder serve: {error}\n")
    return UNUSABLE


def _watched(settings: Settings, places: Places) -> int:
    configure_logs("watchdog")
    leash_fd, held_fd = os.pipe()
    bid_fd, web_fd = places.bid.fileno(), places.web.fileno()

    def told(life: int, ready_fd: int) -> str:
        return HandedDown(
            settings=settings, life=life, bid_fd=bid_fd, web_fd=web_fd, leash_fd=leash_fd, ready_fd=ready_fd
        ).text()

    try:
        return Watchdog(told, [bid_fd, web_fd, leash_fd]).run()
    finally:
        os.close(leash_fd)
        os.close(held_fd)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 256):
        raise ArgumentTypeError(f"expected a number from 1 to 256, found {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ArgumentTypeError(f"expected a port from 0 (any free one) to 65535, found {text!r}")
    return int(text)
