"""What a run leaves: one JSON document."""

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Literal

import msgspec

from loadtests.histogram import Percentiles
from loadtests.prometheus import Funnel


class UnreadableError(ValueError):
    """A file that holds no run. The message names it."""


class Machine(msgspec.Struct, frozen=True):
    """Where and of what it was measured."""

    commit: str
    cores: int
    python: str
    platform: str
    load_average: float
    at: str
    """UTC."""


class Moment(msgspec.Struct, frozen=True):
    """One second of a run, by the moments that requests were due."""

    second: int
    due: int
    in_time: int
    late: int
    turned_away: int
    errors: int
    p50_us: int
    p90_us: int
    p99_us: int
    max_us: int


class Gate(msgspec.Struct, frozen=True):
    """One condition on a run."""

    name: str
    measured: float | None
    """`None` where it could not be measured."""
    limit: float
    passed: bool


class Step(msgspec.Struct, frozen=True):
    """One offered rate of a sweep."""

    offered: float
    achieved: float
    goodput: float | None
    """Answers that decided, within their deadline, a second; `None` where the sender could not offer the rate."""
    turned_away: float
    """A second."""
    accepted_p99_us: int | None
    late_share: float
    server_rss_bytes: int
    refusal: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """What the processes of the server held at a moment."""

    second: float
    rss_bytes: int
    descriptors: int
    cpu_s: float
    waited_s: float = 0.0
    """How long those that answer could have run, since their start, but had no processor."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run and what came of it. Where `refusal` is set no latency is told: it would be of other traffic than asked."""

    kind: Literal["openloop", "locust", "goodput", "soak"]
    url: str
    profile: str
    arrivals: str
    seconds: float
    asked_rate: float
    achieved_rate: float
    planned: int
    sent: int
    machine: Machine
    refusal: str | None = None
    outcomes: dict[str, int] = {}
    statuses: dict[str, int] = {}
    late: int = 0
    """Answers that decided after the deadline of their request, from the moment that it was due."""
    errors: dict[str, int] = {}
    latency_us: Percentiles | None = None
    """Of all requests; those without an answer count with the time that was waited for one."""
    accepted_us: Percentiles | None = None
    """Of answers that decided."""
    send_lag_us: Percentiles | None = None
    """How much later than due the sender wrote: its own part of the latency."""
    waited: int = 0
    """Requests that found no free connection when they were due; their wait is part of their latency."""
    reasons: dict[str, int] = {}
    """As answers without a bid say them."""
    checked: int = 0
    invalid: int = 0
    examples: list[str] = []
    """Of invalid answers."""
    funnel: Funnel | None = None
    series: list[Moment] = []
    deadline_ms: float | None = None
    """The shortest `tmax` of what was sent."""
    steps: list[Step] = []
    usage: list[Usage] = []
    notices: dict[str, int] = {}
    edits: int = 0
    """Of the configuration, that went live meanwhile."""
    swaps: int = 0
    """Of models, meanwhile."""
    gates: list[Gate] = []

    @property
    def passed(self) -> bool:
        """Whether the run may be quoted and met its gates."""
        return self.refusal is None and all(gate.passed for gate in self.gates)

    @property
    def late_share(self) -> float:
        """Of answers that decided, those after their deadline."""
        decided = self.accepted_us.count if self.accepted_us else 0
        return self.late / decided if decided else 0.0


def machine() -> Machine:
    """This machine, now."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    return Machine(
        commit=commit,
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        load_average=round(os.getloadavg()[0], 2),
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )


def write(run: Run, path: Path) -> None:
    """Write it down, for people too."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1))


def read(path: Path) -> Run:
    """A run that was written. Raises `OSError`, `UnreadableError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except msgspec.MsgspecError as error:
        raise UnreadableError(f"{path}: not the JSON of a load test, as `--out` leaves it: {error}") from error
