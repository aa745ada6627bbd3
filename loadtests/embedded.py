"""A bidder of our own to test: started as anybody would start it, on free ports of this machine."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from loadtests.processes import Used, command, tree, used

START_S = 60.0
STOP_S = 30.0
_GREETING = re.compile(r"bid +POST (http://\S+?)/openrtb2/\S+\nlook +(http://\S+)/\n")
_SERVE = (sys.executable, "-m", "bidder", "serve", "--bid-port=0", "--web-port=0")
_WORKER = "bidder.processes.worker"


class StartError(Exception):
    """The bidder did not come up; the message has the end of its log."""


class Bidder(NamedTuple):
    """A running bidder."""

    bid_url: str
    web_url: str
    config: Path
    state: Path
    process: subprocess.Popen[bytes]

    @property
    def metrics_url(self) -> str:
        """Its page of metrics."""
        return f"{self.web_url}/metrics"

    def exchange_url(self, exchange: str) -> str:
        """Where an exchange posts its requests."""
        return f"{self.bid_url}/openrtb2/{exchange}"

    def pids(self) -> list[int]:
        """All its processes."""
        return tree(self.process.pid)

    def workers(self) -> list[int]:
        """Those of its processes that answer bid requests."""
        return [pid for pid in self.pids() if _WORKER in command(pid)]

    def used(self) -> Used:
        """What all its processes use."""
        return used(self.pids())

    def edit(self, name: str, old: str, new: str) -> None:
        """Save a file of the configuration with a change, at once. Raises `ValueError` where `old` is not in it."""
        path = self.config / name
        text = path.read_text()
        if old not in text:
            raise ValueError(f"{path}: {old!r} is not in it")
        aside = path.with_suffix(".aside")
        aside.write_text(text.replace(old, new, 1))
        aside.replace(path)


@contextmanager
def bidder(
    template: str = "demo",
    *,
    workers: int = 1,
    cpus: set[int] | None = None,
    prepare: Callable[[Path], None] = lambda _config: None,
) -> Iterator[Bidder]:
    """A bidder with a configuration of a template, in a directory that is gone afterwards. Raises `StartError`.

    `prepare` may change the configuration before it starts.
    """
    home = Path(tempfile.mkdtemp(prefix="bidder-load-"))
    try:
        config = home / "config"
        init = [sys.executable, "-m", "bidder", "init", str(config), "--template", template]
        made = subprocess.run(init, capture_output=True, text=True, check=False)
        if made.returncode:
            raise StartError(made.stderr)
        prepare(config)
        with serving(config, home / "state", workers=workers, cpus=cpus) as started:
            yield started
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def serving(config: Path, state: Path, *, workers: int = 1, cpus: set[int] | None = None) -> Iterator[Bidder]:
    """A bidder with this configuration, stopped afterwards. Raises `StartError`."""
    log = state.parent / f"{state.name}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*_SERVE, "--config", str(config), "--state", str(state), "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    if cpus is not None:
        os.sched_setaffinity(process.pid, cpus)  # before it has children, which inherit it
    try:
        bid_url, web_url = _greeting(process, log)
        yield Bidder(bid_url, web_url, config, state, process)
    finally:
        _stop(process)


def _greeting(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    os.set_blocking(process.stdout.fileno(), False)
    end, text = time.monotonic() + START_S, ""
    while time.monotonic() < end and process.poll() is None:
        text += (process.stdout.read() or b"").decode()
        if found := _GREETING.search(text):
            return found[1], found[2]
        time.sleep(0.02)
    raise StartError(f"the bidder is not up; the end of its log:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with process:  # closes the pipe and waits
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
