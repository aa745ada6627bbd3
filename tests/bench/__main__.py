"""`python -m tests.bench [NAME...] [--write FILE]`: measures, prints a table for each name, and may write them down."""

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import codec, engine, models, pacing, reload, server, stages

Row = tuple[str, str, str]
TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "codec": codec.rows,
    "engine": engine.rows,
    "stages": stages.rows,
    "models": models.rows,
    "pacing": pacing.rows,
    "reload": reload.rows,
    "server": server.rows,
}
COMMANDS = {name: f"python -m tests.bench {name}" for name in TABLES}
COMMENTS = {
    "engine": engine.COMMENT,
    "stages": stages.COMMENT,
    "models": models.COMMENT,
    "pacing": pacing.COMMENT,
    "reload": reload.COMMENT,
    "server": server.COMMENT,
}

HEAD = """\
# Benchmarks

Ratios against a yardstick measured in the same run, alternating, in processor time; the least of many short runs each.
Absolute times are for orientation. `make bench` measures again and rewrites this file;
`python -m tests.bench NAME --write BENCHMARKS.md` does so for one section.
"""


def main(arguments: list[str]) -> int:
    """Exit code 0; argparse ends with 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure, of {', '.join(TABLES)}; default: all"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there as Markdown")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in TABLES:
            parser.error(f"no table {name!r}; there are {', '.join(TABLES)}")
    measured = {name: measure(name) for name in options.names or TABLES}
    if options.write is not None:
        sections = (sections_of(options.write.read_text()) if options.write.exists() else {}) | measured
        options.write.write_text("\n".join([HEAD, *(sections[name] for name in TABLES if name in sections)]))
    return 0


def measure(name: str) -> str:
    """Measure and print one table; the section of the report that holds it."""
    text = f"## {name}\n\n    {COMMANDS[name]}\n\n{conditions()}{COMMENTS.get(name, '')}\n"
    text += "| what | measured | bar |\n| --- | --- | --- |\n"
    print(f"\n{name}\n")
    for what, figure, bar in TABLES[name]():
        print(f"{what:56}{figure:44}{bar}", flush=True)
        text += f"| {what} | {figure} | {bar} |\n"
    return text


def sections_of(report: str) -> dict[str, str]:
    """The sections of a report by name, each from its heading on."""
    _, *parts = re.split(r"^(?=## )", report, flags=re.MULTILINE)
    return {part.splitlines()[0].removeprefix("## "): part.rstrip("\n") + "\n" for part in parts}


def conditions() -> str:
    """What was measured, and on what kind of machine."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    load = f"{os.getloadavg()[0]:.1f}"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {load} at the start"
    return f"Commit {commit}; {platform.python_implementation()} {platform.python_version()}; {machine}.\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
