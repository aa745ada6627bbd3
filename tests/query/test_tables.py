"""The documentation of the tables, and the events that they are made from."""

import pytest

from bidder.cli import main
from bidder.events.schema import EVENTS
from bidder.query.document import DOCUMENT, with_reference
from bidder.query.tables import RECORDED, TABLES, name_of


def test_the_document_is_that_of_the_schema() -> None:
    written = DOCUMENT.read_text("utf-8")
    assert written == with_reference(written), "run `python -m bidder.query.document`"


def test_every_event_is_a_table_with_all_its_fields() -> None:
    assert [table.name for table in RECORDED] == [name_of(event) for event in EVENTS]
    for table, event in zip(RECORDED, EVENTS, strict=True):
        assert [column.name for column in table.columns][3:] == list(event.__struct_fields__)


def test_names_of_tables_are_unique_and_every_table_says_what_a_row_is() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
    assert all(table.text for table in TABLES)


def test_the_tables_are_told_without_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "--tables"]) == 0
    assert "## outcomes" in capsys.readouterr().out


def test_a_question_is_asked_for_and_the_tables_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query"]) == 2
    said = capsys.readouterr().err
    assert all(table.name in said for table in TABLES)


def test_the_extra_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bidder.query.command.find_spec", lambda _: None)
    assert main(["query", "SELECT 1"]) == 2
    assert "pip install 'bidder[query]'" in capsys.readouterr().err
