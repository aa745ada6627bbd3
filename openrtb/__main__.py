"""The command `python -m openrtb`."""

import argparse
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from openrtb.check import Body, Checked, UnusableInputError, check_requests, check_responses, read_bodies, read_requests
from openrtb.codec import MAX_BYTES
from openrtb.report import FORMATS, Format, Progress, Summary

STDIN = "-"
CLEAN, FAULTY, UNUSABLE, INTERRUPTED = 0, 1, 2, 130  # exit statuses; 130 is what a shell gives for SIGINT

DESCRIPTION = """\
Checks OpenRTB 2.x bid requests, or bid responses against their requests, and says for each what is wrong where.

FILE holds one JSON object, or one in each line (NDJSON); a name ending in .gz is read as gzip, - is standard input.
"""
EPILOG = """\
examples:
  python -m openrtb check requests.ndjson.gz
  tail -n 100 bids.ndjson | python -m openrtb check --response --request request.json -
  python -m openrtb check --format json requests.ndjson | jq 'select(.findings[0])'

output:
  text names each body with findings by line and id, each finding by severity, rule and JSON path, then sums up.
  json is a line {"line", "id", "findings"} for every body, then a line {"summary"}.

exit status:
  0  nothing of severity error    1  errors found    2  wrong usage, or a file that cannot be read or written
  130  interrupted
"""


class Source(NamedTuple):
    """An open input: what it is called, its bytes, and the file as stored with its size (0 where unknown)."""

    name: str
    file: BinaryIO
    stored: BinaryIO
    stored_bytes: int


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status. Wrong usage raises SystemExit with status 2."""
    arguments = _parser().parse_args(argv)
    if arguments.response != (arguments.request is not None):
        arguments.parser.error("--response needs --request REQUEST_FILE, and --request needs --response")
    if arguments.file == arguments.request == STDIN:
        arguments.parser.error("FILE and REQUEST_FILE are both standard input; name a file for one of them")
    try:
        return _check(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except UnusableInputError as error:
        sys.stderr.write(f"openrtb check: {error}\n")
    except OSError as error:  # of standard output: those of the inputs are UnusableInputError
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"openrtb check: cannot write the report: {error.strerror}\n")
        # What is still buffered must not fail once more when the interpreter closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openrtb", description="OpenRTB 2.x and Native 1.2 tools.")
    check = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "check",
        help="say what is wrong with bid requests or bid responses",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.set_defaults(parser=check)
    check.add_argument("file", metavar="FILE", help="the bodies to check")
    check.add_argument("--response", action="store_true", help="the bodies are bid responses; needs --request")
    check.add_argument(
        "--request", metavar="REQUEST_FILE", help="the request of all responses, or one for each in the same order"
    )
    check.add_argument("--format", choices=FORMATS, default="text", help="for a person (default) or a program")
    check.add_argument(
        "--max-bytes", metavar="N", type=_positive, help=f"the largest body the receiver takes (default: {MAX_BYTES})"
    )
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a number of bytes above 0, found {text!r}")
    return int(text)


def _check(arguments: argparse.Namespace) -> int:
    with ExitStack() as files:
        source = _open(arguments.file, files)
        bodies = _bodies(source, max(MAX_BYTES, arguments.max_bytes or 0))
        if arguments.response:
            requests = read_requests(_bodies(_open(arguments.request, files), MAX_BYTES))
            verdicts = check_responses(bodies, requests, max_bytes=arguments.max_bytes)
        else:
            verdicts = check_requests(bodies, max_bytes=arguments.max_bytes or MAX_BYTES)
        summary = Summary("response" if arguments.response else "request")
        _write(
            verdicts, summary, FORMATS[arguments.format], Progress(sys.stderr, source.stored.tell, source.stored_bytes)
        )
    if not summary.bodies:
        raise UnusableInputError(f"{source.name} holds nothing to check")
    return FAULTY if summary.severities["error"] else CLEAN


def _write(verdicts: Iterator[Checked], summary: Summary, form: Format, progress: Progress) -> None:
    """Writes each verdict as soon as it is there, then the summary."""
    try:
        for checked in verdicts:
            summary.add(checked)
            progress.step()
            if text := form.body(checked):
                progress.hide()
                sys.stdout.write(text)
    finally:
        progress.hide()
    if summary.bodies:
        sys.stdout.write(form.summary(summary))
    sys.stdout.flush()


def _open(name: str, files: ExitStack) -> Source:
    if name == STDIN:
        return Source("standard input", sys.stdin.buffer, sys.stdin.buffer, 0)
    try:
        stored = files.enter_context(Path(name).open("rb"))  # noqa: SIM115 (the stack closes it)
    except OSError as error:
        raise UnusableInputError(f"{name}: {error.strerror}") from error
    file = files.enter_context(gzip.GzipFile(fileobj=stored)) if name.endswith(".gz") else stored
    return Source(name, cast("BinaryIO", file), stored, os.fstat(stored.fileno()).st_size)


def _bodies(source: Source, max_bytes: int) -> Iterator[Body]:
    try:
        yield from read_bodies(source.file, max_bytes=max_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInputError(f"{source.name}: {error}") from error


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
