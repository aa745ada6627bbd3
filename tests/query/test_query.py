"""Questions in SQL: answers for people and programs, and what is not answered."""

import csv
import io
import json
from pathlib import Path

import pytest

from bidder.cli import main
from bidder.domain.outcome import Outcome
from bidder.domain.reason import Reason
from bidder.events.reader import segment_path
from bidder.events.roll import roll_segment
from bidder.events.schema import Click, Conversion, Funnel, Generation, Impression, pack_reasons
from bidder.query.tables import TABLES
from tests.events.build import NOON_MS, a_bid, a_notice, record

pytest.importorskip("duckdb", reason="needs the extra `query`")

ESCAPE = "\x1b[2J"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A log of two bids, one of which won, half of it in Parquet; and a request that was evaluated in full."""
    told = {"at_ms": NOON_MS, "bid_id": 1, "outcome": "counted"}
    segments = tmp_path / "segments" / "worker-0"
    record(
        segments,
        [
            a_bid(1),
            a_notice(1, price_micros=700, fee_micros=7),
            a_notice(1, price_micros=900, outcome="repeated"),
            Impression(**told),
            Click(**told),
            Conversion(**told, value_micros=5_000),
        ],
    )
    reasons = pack_reasons([Reason.BID, Reason.OUTBID])
    record(
        segments,
        [a_bid(2, request_id=f"evil{ESCAPE}"),
        a_notice(2, kind="loss", loss_reason=102, min_to_win_micros=3_000),
        a_bid(3, test=True),
        Generation(at_ms=NOON_MS, generation=1, config="c0ffee", campaigns=["shoes", "boots"]),
        Funnel(
            at_ms=NOON_MS, request_id="r", exchange="plain", config="c0ffee", rate=0.25, campaigns=2,
            counts={0: 1, 1000: 1}, terminal=reasons,
        )],
    )  # fmt: skip
    roll_segment(segment_path(segments, 1), tmp_path)
    return tmp_path


def answer(state: Path, sql: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The rows of an answer."""
    assert main(["query", sql, f"--state={state}", "--json"]) == 0, capsys.readouterr().err
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_bids_are_counted_wherever_they_are(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(state, "SELECT count(*) AS bids FROM bids", capsys) == [{"bids": 3}]


def test_outcomes_say_what_became_of_each_bid(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = "bid_id, won, paid_micros, fee_micros, loss_reason, min_to_win_micros, impressions, clicks, conversions"
    rows = answer(state, f"SELECT {columns}, conversion_value_micros FROM outcomes ORDER BY bid_id", capsys)
    assert [list(row.values()) for row in rows] == [
        [1, 1, 700, 7, None, None, 1, 1, 1, 5_000],
        [2, 0, None, None, 102, 3_000, 0, 0, 0, None],
    ]


def test_only_outcomes_that_count_are_wins(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counting = sum(outcome.counts for outcome in Outcome)
    assert counting < len(Outcome)
    assert answer(state, "SELECT avg(won) AS win_rate FROM outcomes", capsys) == [{"win_rate": 0.5}]


def test_reasons_name_campaign_and_reason_and_stand_for_all_traffic(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = answer(state, "SELECT campaign, reason, phase, weight FROM reasons ORDER BY campaign", capsys)
    assert rows == [
        {"campaign": "boots", "reason": "outbid", "phase": "answer", "weight": 4.0},
        {"campaign": "shoes", "reason": "bid", "phase": "after", "weight": 4.0},
    ]


def test_every_reason_has_its_code(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = answer(state, "FROM reason_codes ORDER BY code", capsys)
    assert rows == [{"code": int(each), "reason": each.label, "phase": each.phase.value} for each in sorted(Reason)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_the_columns_that_are_documented(
    state: Path, table: object, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = (each for each in TABLES if each is table)
    names = [row["column_name"] for row in answer(state, f"DESCRIBE {found.name}", capsys)]
    documented = [column.name for column in found.columns]
    if found.name == "outcomes":
        documented = [column.name for each in TABLES if each.name == "bids" for column in each.columns] + documented
    assert names == documented


def test_days_and_hours_are_those_of_the_record_in_utc(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = answer(state, "SELECT DISTINCT at_utc, date, hour FROM bids", capsys)
    assert rows == [{"at_utc": "2026-03-10T12:00:00", "date": "2026-03-10", "hour": 12}]


def test_csv_has_a_line_of_names_and_is_read_back_as_it_was(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "SELECT bid_id, request_id, deal FROM bids ORDER BY 1", f"--state={state}", "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["bid_id", "request_id", "deal"]
    assert rows[2] == ["2", f"evil{ESCAPE}", ""]


def test_a_table_for_people_moves_no_cursor_and_says_what_it_leaves_out(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "SELECT request_id FROM bids, range(100)", f"--state={state}"]) == 0
    shown = capsys.readouterr().out
    assert ESCAPE not in shown
    assert "evil\\x1b[2J" in shown
    assert shown.endswith("200 of 300 rows; --csv and --json write all\n")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT campain FROM bids", '"campaign"'),
        ("FROM bid", 'Did you mean "bids"?'),
        ("SELECT 1; SELECT 2", "one question is answered at a time, found 2"),
        ("", "one question is answered at a time, found 0"),
        ("COPY bids TO 'out.csv'", "only questions are answered, such as SELECT"),
        ("DROP VIEW bids", "only questions are answered, such as SELECT"),
        ("ATTACH 'ledger.db'", "only questions are answered, such as SELECT"),
        ("SET memory_limit = '100GB'", "only questions are answered, such as SELECT"),
        ("FROM read_csv('/etc/passwd')", "Permission Error"),
        ("FROM read_text('../*')", "Permission Error"),
    ],
)
def test_what_is_wrong_or_more_than_a_question_is_told_and_not_done(
    state: Path, sql: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(state.rglob("*"))
    assert main(["query", sql, f"--state={state}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("bidder query: ")
    assert message in said
    assert sorted(state.rglob("*")) == before


def test_other_secrets_of_the_state_are_not_read(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (state / "ticket.key").write_text("secret")
    assert main(["query", f"FROM read_text('{state}/ticket.key')", f"--state={state}"]) == 2
    assert "Permission Error" in capsys.readouterr().err
