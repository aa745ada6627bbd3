"""`bidder demo`: the bidder with the demo configuration, a mock exchange in another process, their accounts compared.

The two talk over HTTP alone. At the end both tell what they counted, and each notice that the exchange saw acknowledged
must stand in the bidder's books, once.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.request import urlopen

from bidder.config.templates import init
from bidder.demo.reconcile import Difference, differences, table

READY_SECONDS = 120
STOP_SECONDS = 30
UNUSABLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--seconds", type=_above_zero, default=60.0, help="length of the run (default 60)")
    parser.add_argument("--rate", type=_above_zero, default=100.0, help="bid requests per second (default 100)")
    parser.add_argument("--seed", type=int, default=7, help="what traffic, rivals and people depend on (default 7)")
    parser.add_argument("--workers", type=int, default=1, help="bid workers (default 1)")
    parser.add_argument("--bid-port", type=int, default=8000, help="for the exchange's requests (default 8000)")
    parser.add_argument("--web-port", type=int, default=8080, help="for notices and the dashboard (default 8080)")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep configuration, state and logs in this new or empty directory"
    )
    parser.add_argument("--patience", type=_above_zero, default=1.0, help="of the mock exchange (default 1)")
    parser.add_argument("--plain", action="store_true", help="lines rather than a live screen")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when every answer was valid and the accounts agree, 1 when not, 2 when it could not start."""
    home = options.keep or Path(tempfile.mkdtemp(prefix="bidder-demo-"))
    try:
        if home.is_dir() and any(home.iterdir()):
            return _failed(f"--keep {home}: a new or empty directory is needed; this one is not empty")
        init(home / "config", "demo")
    except OSError as error:
        return _failed(f"{home}: {error}")
    try:
        with _ended_by_signals():
            return _play(home, options)
    finally:
        if options.keep is None:
            shutil.rmtree(home)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block as an exception would: the bidder has a session of its own and would go on."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _play(home: Path, options: argparse.Namespace) -> int:
    web = f"http://127.0.0.1:{options.web_port}"
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            _serve(home, options),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the exchange, whose last notices the bidder must still take
        )
    try:
        if not _ready(home / "serve.log", server):
            return _failed((home / "serve.log").read_text(errors="replace"))
        played = _exchange(home, options, web)
        totals = home / "exchange.json"
        found = differences(json.loads(totals.read_text()), _page(f"{web}/metrics")) if totals.exists() else []
    finally:
        stopped = _stop(server)
    return _told(found, played, stopped)


def _told(found: list[Difference], played: int, stopped: int) -> int:
    sys.stdout.write(table(found))
    agreed = bool(found) and all(each.agrees for each in found)
    sys.stdout.write(f"accounts {'agree' if agreed else 'DO NOT AGREE'}; server ended with {stopped}\n")
    return 0 if agreed and played == 0 and stopped == 0 else 1


def _serve(home: Path, options: argparse.Namespace) -> list[str]:
    ports = ["--bid-port", str(options.bid_port), "--web-port", str(options.web_port)]
    places = ["--config", str(home / "config"), "--state", str(home / "state")]
    return [sys.executable, "-m", "bidder", "serve", *places, *ports, "--workers", str(options.workers)]


def _exchange(home: Path, options: argparse.Namespace, web: str) -> int:
    """Run the mock exchange to its end; a first Ctrl-C is its own to handle, so that it drains."""
    url = f"http://127.0.0.1:{options.bid_port}/openrtb2/demo"
    words = ["--url", url, "--map", f"{public_url(home)}={web}", "--metrics-url", f"{web}/metrics"]
    words += ["--conversion-url", f"{web}/conv/{{click_id}}?event=purchase", "--json", str(home / "exchange.json")]
    words += ["--seconds", str(options.seconds), "--rate", str(options.rate), "--seed", str(options.seed)]
    words += ["--patience", str(options.patience)]
    command = [sys.executable, "-m", "bidder", "exchange", *words, *(["--plain"] if options.plain else [])]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(command, check=False, preexec_fn=_interruptible).returncode  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def public_url(home: Path) -> str:
    """Where the demo configuration says that notices go."""
    return str(tomllib.loads((home / "config" / "bidder.toml").read_text())["server"]["public_url"])


def _ready(log: Path, server: subprocess.Popen[bytes]) -> bool:
    """Whether the server says where it is. Its port would not tell: another bidder may have that."""
    deadline_s = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline_s and server.poll() is None:
        if any(line.startswith(b"look ") for line in log.read_bytes().splitlines()):
            return True
        time.sleep(0.1)
    return False


def _page(url: str) -> str:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - a URL of our own making
        return str(answer.read().decode())


def _stop(server: subprocess.Popen[bytes]) -> int:
    server.terminate()
    try:
        return server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"expected a number above zero, found {text!r}")
    return number


def _failed(why: str) -> int:
    sys.stderr.write(f"bidder demo: {why.rstrip()}\n")
    return UNUSABLE
