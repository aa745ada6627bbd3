"""Where the time of a worker goes: `python -m tests.bench.profile [--seconds N]`.

Samples the complete server of the benchmark with py-spy while it is driven, and tells the share of each stage and of
the functions that take most. Samples are of the worker's main thread while it works; where it waits for something to
read is left out.
"""

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench.hundred_trees import store_of_models
from tests.bench.sending import SENDER_CORE, drive
from tests.bench.servers import as_server, complete, on_core, request_file

SAMPLES_A_SECOND = 500
STAGES = (
    ("full evaluation", ("auction/trace.py", "auction/explain/")),
    ("score: models", ("auction/score.py", "models/", "auction/describe.py", "auction/choice.py")),
    ("respond: markup, tickets", ("auction/respond.py", "creative/markup", "domain/ticket.py", "processes/markups")),
    ("pace and price", ("auction/pace.py", "pacing/", "ledger/")),
    (
        "candidates: creatives",
        ("auction/candidacy.py", "auction/creative", "auction/terms.py", "auction/line.py"),
    ),
    ("match", tuple(f"auction/{name}.py" for name in ("index", "attributes", "snapshot", "conditions", "view"))),
    ("decode, upgrade", ("openrtb/",)),
    ("privacy", ("privacy/",)),
    ("record", ("events/",)),
    ("rest of the decision", ("auction/", "engine.py", "brain.py")),
    ("transport", ("web/", "aiohttp", "asyncio", "uvloop")),
)
"""Stages by what the path of a function holds; a sample belongs to the first that any of its functions is of."""


def main(arguments: list[str]) -> int:
    """Exit code 0."""
    parser = ArgumentParser(prog="python -m tests.bench.profile", description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="how long to look (default %(default)s)")
    options = parser.parse_args(arguments)
    samples = record(options.seconds)
    print("stage")
    for name, share in shares(stage(frames) for frames in samples):
        print(f"{100 * share:6.1f} %  {name}")
    print("\nfunction, alone")
    for name, share in list(shares(frames[-1] for frames in samples))[:25]:
        print(f"{100 * share:6.1f} %  {name}")
    return 0


def record(seconds: int) -> list[list[str]]:
    """The stacks that were seen, the outermost function first."""
    with tempfile.TemporaryDirectory() as directory, on_core(SENDER_CORE):
        home, raw = Path(directory), Path(directory) / "raw"
        body = request_file(home)
        with complete(home / "one", store_of_models(home / "models")) as bidder:
            server = as_server(bidder)
            drive(server.url, body, 2.0, 1)
            look = [
                "py-spy",
                "record",
                "--threads",
                "--format=raw",
                f"--rate={SAMPLES_A_SECOND}",
                f"--duration={seconds}",
            ]
            command = [str(Path(sys.executable).parent / look[0]), *look[1:], f"--output={raw}", "--pid"]
            watching = subprocess.Popen([*command, str(server.answering[0])], stdout=subprocess.DEVNULL)
            drive(server.url, body, seconds + 1.0, 2)
            watching.wait()
        return list(_stacks(raw.read_text()))


def _stacks(raw: str) -> Iterator[list[str]]:
    """Of the main thread; functions without their lines, times as often as they were seen."""
    for line in raw.splitlines():
        stack, _, times = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] or frame for frame in stack.split(";")]
        if stack.partition(";")[0].endswith(": MainThread"):
            yield from [frames] * int(times)


def stage(frames: list[str]) -> str:
    """The stage that a stack is of."""
    for name, parts in STAGES:
        if any(part in frame for frame in frames[3:] for part in parts):
            return name
    return "other"


def shares(names: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Each name with its share, the largest first."""
    counted = Counter(names)
    total = counted.total() or 1
    return ((name, number / total) for name, number in counted.most_common())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
