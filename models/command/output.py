"""What the commands print: JSON for programs, lines for people, complaints and progress on standard error."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from models.errors import ModelError
from models.learn import Progress as Report

DONE, REFUSED, UNUSABLE = 0, 1, 2
"""Exit codes: done; a model or a file was refused; wrong usage."""

Run = Callable[[Namespace], int]


def complaining(run: Run) -> Run:
    """A command that says what went wrong instead of raising it."""

    def guarded(options: Namespace) -> int:
        try:
            return run(options)
        except ModelError as error:
            sys.stderr.write(f"model: {error}\n")
            return REFUSED

    return guarded


def say(found: Mapping[str, object], as_json: bool) -> None:
    """Print what was found: one line of JSON, or a line for each value."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    width = max(map(len, found), default=0)
    for name, value in found.items():
        sys.stdout.write(f"{name.replace('_', ' '):{width}}  {_plain(value)}\n")


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A bar on standard error where a person looks on; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def report(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield report
