"""Servers to be measured, each in processes of its own on one core."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from bidder.config.templates import init
from loadtests.embedded import Bidder, serving
from loadtests.profiles import requests
from tests import shared
from tests.bench.hundred_trees import CLICK, CONVERSION
from tests.processes.free_ports import free_ports

CAMPAIGNS = 1_000
EXCHANGE = "plain26"
SERVER_CORE = 0
START_S = 120.0


class Server(NamedTuple):
    """A server under measurement."""

    url: str
    answering: list[int]
    """Processes that answer requests."""
    beside: list[int]
    """Its other processes."""


def request_file(home: Path) -> Path:
    """The 3 KB request of the bars, or the longest of some of our own where it is not beside the checkout."""
    found = shared.SHARED / "bench/request_3k.json"
    if found.exists():
        return found
    own = home / "request.json"
    own.write_bytes(max((orjson.dumps(request) for request in requests("deals", 1, 500)), key=len))
    return own


@contextmanager
def single(module: str) -> Iterator[Server]:
    """A server of one process, started as `python -m MODULE PORT`."""
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, "-m", module, str(port)])
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    url = f"http://127.0.0.1:{port}/openrtb2/{EXCHANGE}"
    try:
        _wait_for(url)
        yield Server(url, [process.pid], [])
    finally:
        process.kill()
        process.wait()


@contextmanager
def complete(home: Path, models: Path, workers: int = 1, cores: set[int] | None = None) -> Iterator[Bidder]:
    """`bidder serve` with everything on: 1,000 campaigns, models, tickets, pacing, event log; and money for all."""
    init(home / "config", "bench", CAMPAIGNS)
    for file in (home / "config" / "campaigns").iterdir():
        file.write_text(re.sub(r"daily = (\d+)", r"daily = \g<1>00000", file.read_text()))
    with (home / "config" / "bidder.toml").open("a") as settings:
        settings.write(f'\n[models]\nstore = "{models}"\nclick = "{CLICK}"\nconversion = "{CONVERSION}"\n')
    with serving(home / "config", home / "state", workers=workers, cpus=cores or {SERVER_CORE}) as bidder:
        yield bidder


def as_server(bidder: Bidder) -> Server:
    """A complete server with its processes told apart."""
    workers = bidder.workers()
    return Server(bidder.exchange_url(EXCHANGE), workers, [pid for pid in bidder.pids() if pid not in workers])


class Loaded(NamedTuple):
    """What is under load."""

    bidder: Bidder
    body: Path
    models: Path


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """This process on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core} & before or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, b"{}"), timeout=1):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url}: no answer within {START_S:g} s")
