"""`python -m loadtests load`: a run of the Locust kit with its reports; starts a bidder of its own where none is named.

Leaves in the directory of `--out`: `run.json` and `run.html` (ours), `locust.html` and `locust_*.csv` (Locust's own).
"""

import socket
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from loadtests import gates
from loadtests.embedded import StartError, bidder
from loadtests.openloop import UNUSABLE, positive, whole
from loadtests.shapes import SHAPES
from loadtests.target import NotLoopbackError, NotReachableError, reach, target

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
GRACE_S = 60.0
"""Beyond the length of the run: to start, to stop, to write reports."""


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--url", help="where to bid; default: a bidder of our own with the demo configuration")
    parser.add_argument("--web-url", default="http://127.0.0.1:8080", help="its web port (default %(default)s)")
    parser.add_argument("--public-url", default="https://ads.example", help="its public URL (default %(default)s)")
    parser.add_argument("--shape", choices=SHAPES, default="ramp", help="load over time (default %(default)s)")
    parser.add_argument("--rate", type=positive, default=200.0, help="requests a second (default %(default)g)")
    parser.add_argument("--seconds", type=positive, default=60.0, help="length of the run (default %(default)g)")
    parser.add_argument("--seed", type=int, default=7, help="what traffic depends on (default %(default)s)")
    parser.add_argument("--generators", type=whole, help="processes that send, led by one more; default: just one")
    parser.add_argument("--out", type=Path, default=Path("load"), help="directory of the reports (default %(default)s)")
    gates.add_arguments(parser)
    parser.set_defaults(p99_ms=100.0)


def run(options: Namespace) -> int:
    """`load`; the exit code is Locust's: 0 passed, 1 beyond a gate, 2 could not be run."""
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        if options.url:
            for url in (options.url, options.web_url):
                reach(target(url))
            return _run(options, options.url, options.web_url)
        with bidder("demo") as own:
            return _run(options, own.exchange_url("demo"), own.web_url)
    except (NotLoopbackError, NotReachableError, StartError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"load: {error}\n")
        return UNUSABLE


def _run(options: Namespace, bid_url: str, web_url: str) -> int:
    given = [f"--bid-url={bid_url}", f"--web-url={web_url}", f"--public-url={options.public_url}"]
    given += [f"--{name}={getattr(options, name)}" for name in ("shape", "rate", "seconds", "seed")]
    limits = ("p99-ms", "late-share", "error-share")
    given += [f"--{name}={getattr(options, name.replace('-', '_'))}" for name in limits]
    places = {"out": "run.json", "html": "locust.html", "csv": "locust"}
    reports = [f"--{name}={options.out / file}" for name, file in places.items()]
    command = [*given, *reports, "--headless", "--only-summary", "--loglevel=WARNING"]
    patience_s = options.seconds + GRACE_S
    if options.generators is None:
        return subprocess.run(_locust(command), timeout=patience_s, check=False).returncode
    port = _free_port()
    leading = ["--master", f"--expect-workers={options.generators}", f"--master-bind-port={port}"]
    with _workers(given, options.generators, port):
        command += [*leading, "--master-bind-host=127.0.0.1"]
        return subprocess.run(_locust(command), timeout=patience_s, check=False).returncode


@contextmanager
def _workers(given: Sequence[str], number: int, port: int) -> Iterator[None]:
    command = _locust([*given, "--worker", "--loglevel=WARNING", "--master-host=127.0.0.1", f"--master-port={port}"])
    started = [subprocess.Popen(command) for _ in range(number)]
    try:
        yield
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait()


def _locust(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *arguments]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
