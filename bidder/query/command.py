"""`bidder query SQL`: asks the event log of a state directory, served or not. Changes nothing."""

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from bidder.query.log import NoLogError, read
from bidder.query.tables import TABLES, reference

ANSWERED, UNUSABLE = 0, 2
WITHOUT_DUCKDB = "DuckDB is not installed, which comes with the extra `query`: pip install 'bidder[query]'"
EPILOG = """\
examples:
  bidder query --tables
  bidder query "SELECT campaign, count(*) AS bids, avg(won) AS win_rate, sum(paid_micros) / 1e6 AS spent
                FROM outcomes WHERE date = current_date GROUP BY ALL ORDER BY spent DESC"
  bidder query "SELECT reason, phase, sum(weight) AS requests FROM reasons WHERE campaign = 'first-banner'
                GROUP BY ALL ORDER BY requests DESC"
  bidder query --csv "FROM edits" > edits.csv

A running bidder is seen as it was a few seconds ago. Money is integer micros of the account currency, times are UTC.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog, parser.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "sql", nargs="?", metavar="SQL", help="one question, in the SQL of DuckDB; - for standard input"
    )
    parser.add_argument("--state", type=Path, default=Path("state"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--tables", action="store_true", help="say which tables there are, and what each column means")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a JSON object for each row")
    form.add_argument("--csv", action="store_true", help="for spreadsheets and programs")


def run(options: argparse.Namespace) -> int:
    """Exit code 0; 2 where the question cannot be answered."""
    if options.tables:
        sys.stdout.write("\n".join(reference()) + "\n")
        return ANSWERED
    if options.sql is None:
        names = ", ".join(table.name for table in TABLES)
        return _failed(f'a question is needed, such as "SELECT count(*) FROM bids"; the tables are {names}')
    if find_spec("duckdb") is None:
        return _failed(WITHOUT_DUCKDB)
    os.nice(10)  # those who answer exchanges come first
    return _answered(sys.stdin.read() if options.sql == "-" else options.sql, options)


def _answered(sql: str, options: argparse.Namespace) -> int:
    from bidder.query import output  # noqa: PLC0415 - DuckDB is an extra
    from bidder.query.session import QuestionError, Session  # noqa: PLC0415

    write = output.write_json if options.json else output.write_csv if options.csv else output.write_table
    try:
        write(Session(read(options.state)).ask(sql), sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on, as with `| head`
    except (NoLogError, QuestionError, OSError) as error:
        return _failed(str(error))
    return ANSWERED


def _failed(why: str) -> int:
    sys.stderr.write(f"bidder query: {why}\n")
    return UNUSABLE
