"""The arguments that training and evaluation share: which data, in which format, from where to where."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import get_args

from models.command.arguments import at_least, share, time
from models.dataset.events import ATTRIBUTION_MS
from models.dataset.read import FORMATS, OUTCOMES, Target, read
from models.dataset.rows import Dataset
from models.errors import DataError
from models.manifest import Outcome
from models.store import DEFAULT

HOUR_MS = 3_600_000


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("--format", required=True, choices=FORMATS, help="what the files hold")
    parser.add_argument("--data", required=True, nargs="+", type=Path, metavar="FILE", help="or event directories")
    parser.add_argument("--name", help="name of the model")
    parser.add_argument("--store", type=Path, default=DEFAULT, metavar="DIR", help="where models lie (%(default)s)")
    parser.add_argument("--outcome", choices=get_args(Outcome), help="what to predict (default: what the format tells)")
    parser.add_argument(
        "--attribution-hours",
        type=at_least(1),
        default=ATTRIBUTION_MS // HOUR_MS,
        metavar="HOURS",
        help="of events: how long after an impression or click an outcome counts as theirs (%(default)s)",
    )
    parser.add_argument(
        "--from-row", type=at_least(0), default=0, metavar="N", help="leave out the first N rows by time"
    )
    parser.add_argument("--to-row", type=at_least(0), metavar="N", help="use rows up to the Nth by time")
    parser.add_argument("--until", type=time, metavar="TIME", help="use rows up to then, such as 2026-03-10T12:00")
    parser.add_argument(
        "--negative-rate", type=share, default=1.0, metavar="SHARE", help="share of negatives the data kept (1.0)"
    )
    parser.add_argument("--trust", action="append", default=[], metavar="FACT", help="use a fact that seems to leak")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def outcome_of(options: Namespace) -> Outcome:
    """What is asked for, or what the format tells."""
    outcome: Outcome = options.outcome or OUTCOMES[options.format]
    return outcome


def target(options: Namespace, outcome: Outcome) -> Target:
    """What rows are labelled with."""
    return Target(outcome, options.attribution_hours * HOUR_MS)


def read_data(options: Namespace, outcome: Outcome) -> Dataset:
    """The rows that are asked for. Raises `DataError`; facts that leak are named on standard error."""
    data = read(options.format, options.data, target(options, outcome))
    data = data.slice(options.from_row, len(data) if options.to_row is None else options.to_row)
    if options.until is not None:
        data = data.slice(0, int((data.at_ms <= options.until).sum()))
    if not len(data):
        raise DataError("no rows are left of the data that was asked for")
    data = data.trusting(options.trust).downsampled(options.negative_rate)
    for fact, why in data.withheld.items():
        sys.stderr.write(f"model: the fact {fact} is refused, it leaks the outcome: {why} (--trust {fact} to use it)\n")
    return data
