"""One question to the event log, in DuckDB: read only, and of no other file than the log's."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb

from bidder.events.schema import EVENTS, Event
from bidder.query.log import Log
from bidder.query.tables import DERIVED, name_of

LIMITS = {"memory_limit": "2GB", "threads": "2", "temp_directory": "", "python_enable_replacements": "false"}
BATCH = 10_000
QUESTIONS = "SELECT, FROM, WITH, DESCRIBE or SUMMARIZE"

_AT = "make_timestamp(at_ms * 1000) AS at_utc"
_HIVE = "hive_partitioning = true, hive_types = {'date': DATE, 'hour': INTEGER}, union_by_name = true"


class QuestionError(Exception):
    """The SQL cannot be answered. The message says why."""


class Answer(NamedTuple):
    """Rows, as they are asked for. Reading them raises `QuestionError`."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


class Session:
    """A database in memory whose views are the tables of a log."""

    def __init__(self, log: Log) -> None:
        self._database = duckdb.connect(config=LIMITS)
        self._database.execute("SET TimeZone = 'UTC'")
        for event in EVENTS:
            self._view(event, log)
        for table in DERIVED:
            self._database.execute(f"CREATE VIEW {table.name} AS {table.sql}")
        places = {str(path.parents[2].resolve()) for paths in log.files.values() for path in paths}
        self._database.execute(f"SET allowed_directories = {_listed(sorted(places))}")
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")

    def ask(self, sql: str) -> Answer:
        """The answer to one question. Raises `QuestionError`."""
        try:
            statements = self._database.extract_statements(sql)
            if len(statements) != 1:
                raise QuestionError(f"one question is answered at a time, found {len(statements)}")
            kind = statements[0].type
            if kind != duckdb.StatementType.SELECT:
                raise QuestionError(f"only questions are answered, such as {QUESTIONS}; found {kind.name}")
            found = self._database.execute(statements[0])
        except duckdb.Error as error:
            raise QuestionError(str(error)) from error
        return Answer([column[0] for column in found.description or ()], _rows(found))

    def _view(self, event: type[Event], log: Log) -> None:
        """Make the table of an event, of what is in memory and in files."""
        name = name_of(event)
        self._database.register(f"recent_{name}", log.recent[event])
        sources = [f"SELECT {_AT}, at_utc::DATE AS date, hour(at_utc)::INTEGER AS hour, * FROM recent_{name}"]
        if log.files[event]:
            paths = _listed([str(path.resolve()) for path in log.files[event]])
            sources.append(f"SELECT {_AT}, date, hour, * EXCLUDE (date, hour) FROM read_parquet({paths}, {_HIVE})")
        self._database.execute(f"CREATE VIEW {name} AS {' UNION ALL BY NAME '.join(sources)}")


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    try:
        while batch := found.fetchmany(BATCH):
            yield from batch
    except duckdb.Error as error:
        raise QuestionError(str(error)) from error


def _listed(texts: list[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"
