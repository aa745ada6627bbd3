"""A real bidder in processes of its own, on free ports, for tests."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bidder.config.templates import init

REQUEST = json.dumps(
    {
        "id": "1",
        "at": 1,
        "tmax": 5000,
        "imp": [{"id": "1", "secure": 0, "banner": {"w": 300, "h": 250}, "exp": 60}],
        "site": {"id": "s", "domain": "example.com", "page": "https://example.com/"},
        "device": {"ua": "Mozilla/5.0", "ip": "192.0.2.1"},
    }
).encode()
EXCHANGE = "demo"
PATIENCE_SECONDS = 120.0
"""What ends a test that hangs; much longer than anything takes, also of a processor that others have most of."""


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Waits for something in another process; what it came to be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds:g} s: {what}")


class Bidder:
    """A running `bidder serve`."""

    def __init__(
        self,
        directory: Path,
        *,
        workers: int = 1,
        environment: Mapping[str, str] = {},
        log_to: int | None = None,
    ) -> None:
        """`environment` is added to that of the tests; `log_to`: a descriptor instead of the file `log`."""
        self.config = directory / "config"
        self.state = directory / "state"
        self.out, self.log = directory / "out", directory / "log"
        python = ["env", "--default-signal=HUP", sys.executable]  # whatever the tests ignore, as by `nohup`
        command = [*python, "-m", "bidder", "serve", f"--config={self.config}", f"--state={self.state}"]
        with self.out.open("wb") as out, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, f"--workers={workers}", "--bid-port=0", "--web-port=0"],
                stdout=out,
                stderr=log if log_to is None else log_to,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self.bid_url = self.web_url = ""

    def __enter__(self) -> Self:
        """Ready."""
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Gone, killed where it still ran."""
        self.process.kill()
        self.process.wait()

    @property
    def greeting(self) -> str:
        """What it has printed so far."""
        return self.out.read_text()

    def wait_until_ready(self) -> "Bidder":
        """Returns when it says where it is."""
        until(lambda: self.greeting.count("\n") == 2 or self.process.poll() is not None, "two lines")
        found = re.search(r"bid +POST (http://\S+?)/openrtb2/\S+\nlook +(http://\S+)/\n", self.greeting)
        assert found is not None, self.log.read_text()
        self.bid_url, self.web_url = found[1], found[2]
        return self

    def post(self, body: bytes = REQUEST, exchange: str = EXCHANGE) -> tuple[int, bytes]:
        """Status and body of a bid request on a connection of its own."""
        return fetch(f"{self.bid_url}/openrtb2/{exchange}", body)

    def config_status(self) -> Any:
        return json.loads(fetch(f"{self.web_url}/api/config")[1])

    def metric(self, name: str) -> float:
        """The sum of a metric over all its labels."""
        text = fetch(f"{self.web_url}/metrics")[1].decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Save a file of the configuration with a change, at once."""
        path = self.config / name
        aside = path.with_suffix(".aside")
        aside.write_text(change(path.read_text()))
        aside.replace(path)

    def controls(self) -> list[int]:
        """Process ids of control, and of the one that waits to follow it."""
        found = [
            (int(command.split()[-1]), pid)
            for pid, command in _children(self.process.pid)
            if "bidder.processes.control_process" in command
        ]
        return [pid for _, pid in sorted(found)]

    def control(self) -> int:
        """Process id of control; 0 while there is none."""
        return next(iter(self.controls()), 0)

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return self.children("worker")

    def children(self, module: str) -> list[int]:
        """Process ids of what control has started, by module of `bidder.processes`."""
        return [pid for pid, command in _children(self.control()) if f"bidder.processes.{module}" in command]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Waits for the end."""
        return self.process.wait(PATIENCE_SECONDS)

    def log_events(self) -> list[str]:
        """The names of what was logged, in order."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")]


@contextmanager
def configured(directory: Path, template: str = "everything", drain_seconds: int = 3) -> Iterator[Path]:
    """A directory with a configuration, and no process left behind."""
    init(directory / "config", template)  # type: ignore[arg-type]
    bidder_toml = directory / "config" / "bidder.toml"
    text, servers = re.subn(r"\[server\]\n(?:.+\n)*", "", bidder_toml.read_text())  # URLs lead to the web port
    assert servers == 1
    bidder_toml.write_text(f"{text}\n[server]\ndrain_seconds = {drain_seconds}\n")
    yield directory


@contextmanager
def serving(directory: Path, *, workers: int = 1, **settings: Any) -> Iterator[Bidder]:
    """A bidder that is ready; it is killed afterwards if it still runs."""
    with configured(directory, **settings), Bidder(directory, workers=workers) as bidder:
        yield bidder


def fetch(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of a GET, or of a POST of JSON."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _children(parent: int) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                of = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if of == parent:
                yield int(entry.name), command


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
