"""`bidder feed FILE...`: recorded requests to a running bidder, and a table of the outcomes."""

import asyncio
import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console
from yarl import URL

from bidder.lab.feed.judge import judge
from bidder.lab.feed.recorded import TO_BIDDER, Recorded, UnusableInputError, recorded
from bidder.lab.feed.send import Answer, Plan, UnreachableError, send
from bidder.lab.feed.table import outcome_table
from bidder.lab.feed.tally import Tally

AS_EXPECTED, SURPRISED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: every answer right; some wrong or missing; nothing to do with these arguments; stopped by Ctrl-C."""

_URL: Final = "http://127.0.0.1:8000/openrtb2/plain26"
_PROGRESS_SECONDS: Final = 0.2


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command; `run` takes what the parser makes of them."""
    defaults = Plan(url=URL(_URL))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="corpus, OpenRTB lines or a recorded set")
    parser.add_argument("--url", default=_URL, help="a bidder on this machine (default: %(default)s)")
    parser.add_argument(
        "--rate", type=float, default=0.0, metavar="N", help="requests a second; 0: as fast as answers come (default)"
    )
    parser.add_argument(
        "--limit", type=int, default=defaults.limit, metavar="N", help="send at most N requests (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=float, default=defaults.seconds, metavar="S", help="stop after S s (default: %(default)s)"
    )
    parser.add_argument(
        "--in-flight",
        type=int,
        default=defaults.in_flight,
        metavar="N",
        help="unanswered at a time (default: %(default)s)",
    )
    parser.add_argument("--role", choices=(TO_BIDDER, "all"), default=TO_BIDDER, help="which corpus requests to send")
    parser.add_argument("--tmax", type=int, metavar="MS", help="tmax of every request, whatever was recorded")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to FILE for programs")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the first N answers not expected")


def run(options: Namespace) -> int:
    """Feeds the files and prints the table. Returns 0 where every answer was as expected; see the exit codes above."""
    report = Report(options.show, sys.stderr)
    try:
        plan = _plan(options)
        code = asyncio.run(_feed(options, plan, report))
    except OSError as error:
        code = _complain(f"{error.filename}: {error.strerror}" if error.filename else error, UNUSABLE)
    except UnusableInputError as error:
        code = _complain(error, UNUSABLE)
    except UnreachableError as error:
        code = _complain(error, SURPRISED)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if report.tally.answers:
        report.finish(options.json)
    return code


def _complain(error: Exception | str, code: int) -> int:
    sys.stderr.write(f"bidder feed: {error}\n")
    return code


def _plan(options: Namespace) -> Plan:
    """How to send. Raises `UnusableInputError`, and `OSError` where the table could not be written in the end."""
    if options.json is not None:
        options.json.touch()
    try:
        return Plan(
            url=URL(options.url),
            rate=options.rate,
            limit=options.limit,
            seconds=options.seconds,
            in_flight=options.in_flight,
            tmax_ms=options.tmax,
        )
    except ValueError as error:
        raise UnusableInputError(str(error)) from error


async def _feed(options: Namespace, plan: Plan, report: "Report") -> int:
    await send(_requests(options.files, options.role), plan, report.receive)
    if not report.tally.answers:
        raise UnusableInputError(f"no request of role {options.role} in {', '.join(map(str, options.files))}")
    return AS_EXPECTED if report.tally.as_expected == report.tally.answers else SURPRISED


def _requests(files: list[Path], role: str) -> Iterator[Recorded]:
    for path in files:
        for request in recorded(path):
            if role in ("all", request.role):
                yield request


class Report:
    """Judges and counts answers as they come; prints progress where a person looks on, and the table at the end."""

    def __init__(self, show: int, progress: TextIO) -> None:
        self.tally = Tally()
        self._show = show
        self._surprises: list[str] = []
        self._progress = progress if progress.isatty() else None
        self._start = time.monotonic()
        self._shown_at = 0.0

    def receive(self, request: Recorded, answer: Answer) -> None:
        """Counts one answer."""
        verdict = judge(request, answer)
        self.tally.add(verdict, answer.latency_ms)
        if verdict.surprise is not None and len(self._surprises) < self._show:
            self._surprises.append(f"{request.source}: {verdict.surprise}")
        if self._progress and time.monotonic() - self._shown_at > _PROGRESS_SECONDS:
            self._shown_at = time.monotonic()
            self._progress.write(f"\r{self.tally.answers:,} answers, {self.tally.as_expected:,} as expected")
            self._progress.flush()

    def finish(self, json_file: Path | None) -> None:
        """Prints the table and the first surprises, and writes the table to `json_file`."""
        if self._progress:
            self._progress.write("\r\x1b[K")
        seconds = time.monotonic() - self._start
        console = Console(highlight=False)
        console.print(
            f"{self.tally.answers:,} requests in {seconds:.1f} s, {self.tally.answers / seconds:,.0f} a second\n"
        )
        console.print(outcome_table(self.tally))
        for surprise in self._surprises:
            console.print(surprise, markup=False, soft_wrap=True)
        if json_file is not None:
            json_file.write_text(json.dumps(self.tally.as_dict(), indent=2) + "\n")
