"""An audit of ledgers that somebody changed by hand: all is told with campaign, line and both values."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bidder.cli import main
from bidder.events.frame import HEADER
from bidder.events.recorder import Recorder
from bidder.events.roll import roll_segment
from bidder.events.schema import Bid, Event, Notice
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect
from bidder.ledger.store import Batch
from bidder.processes.state import State
from tests.domain.tickets import NOW_S
from tests.ledger.lines import bill, fund, loss, win
from tests.processes.test_treasury import bid as recorded_bid

CAMPAIGN = "shoes-autumn"
MARGIN_PPB = 200_000_000

ENTRIES = [
    win(1),
    bill(1, 1700, margin_micros=425, fee_micros=17),
    bill(2, 0, outcome="late", reserved_micros=0, released_micros=0, late_micros=900),
    loss(3),
]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A ledger of four lines that agrees with all that is recorded beside it."""
    directory = tmp_path / "state"
    State(directory).close()
    store = SqliteStore(directory / "ledger.db")
    funds = [fund(5000, day_micros=4000, hour_micros=2000, margin_ppb=MARGIN_PPB)]
    store.write(Batch(entries=ENTRIES, funds=funds))
    store.close()
    record(directory, "worker-0", *(a_bid(bid_id) for bid_id in (1, 2, 3)))
    record(directory, "control", *notices())
    return directory


def record(state: Path, writer: str, *events: Event) -> None:
    recorder = Recorder(state / "segments" / writer)
    for event in events:
        recorder.append(event)
    recorder.close(0)


def a_bid(bid_id: int) -> Bid:
    made = recorded_bid(CAMPAIGN, 2500, bid_id=bid_id)
    return replace(made, at_ms=NOW_S * 1000, expires_ms=(NOW_S + 300) * 1000)


def notices() -> Iterator[Notice]:
    """Of all four lines; and one that moved nothing."""
    for bid_id, kind, outcome, micros, fee in (
        (1, "win", "counted", None, 0),
        (1, "billing", "counted", 1700, 17),
        (1, "billing", "repeated", 1700, 17),
        (2, "billing", "late", 900, 0),
        (3, "loss", "counted", None, 0),
    ):
        yield Notice(
            at_ms=NOW_S * 1000,
            kind=kind,  # type: ignore[arg-type]
            bid_id=bid_id,
            campaign=CAMPAIGN,
            outcome=outcome,
            price_micros=micros,
            fee_micros=fee,
        )


def audited(state: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and output of the command."""
    code = main(["ledger", "audit", f"--state={state}"])
    return code, capsys.readouterr().out


def refused(state: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says of a ledger in which something differs."""
    code, told = audited(state, capsys)
    assert code == 1
    return told


def tamper(state: Path, change: str) -> None:
    with connect(state / "ledger.db") as file:
        file.execute("PRAGMA ignore_check_constraints = ON")
        assert file.execute(change).rowcount == 1


def test_a_ledger_that_nobody_touched_agrees(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = audited(state, capsys)
    assert (code, "DIFFERENCE" in told) == (0, False)
    assert "4 lines, 3 recorded bids, 4 recorded notices: everything agrees" in told


def line(bid_id: int, kind: str) -> str:
    return f"{CAMPAIGN}, bid {bid_id:016x}, {kind} line"


OF_LINES = {
    "spent = 1600, released = 900": f"{line(1, 'bill')}, spent_micros: recorded as 1700, in the journal as 1600",
    "spent = 1600": f"{line(1, 'bill')} does not balance: Entry(",
    "released = 801": f"{line(1, 'bill')} does not balance: Entry(",
    "reserved = 0": f"{line(1, 'bill')} does not balance: Entry(",
    "late = 5": f"{line(1, 'bill')}, late_micros: recorded as 0, in the journal as 5",
    "margin = 424": f"{line(1, 'bill')}, margin_micros: 425 by the campaign, in the journal 424",
    "fee = 18": f"{line(1, 'bill')}, fee_micros: recorded as 17, in the journal as 18",
    "price = 2400": f"{line(1, 'bill')}, price_micros: recorded as 2500, in the journal as 2400",
    "campaign = 'hats'": f"hats, bid {1:016x}, bill line, campaign: recorded as {CAMPAIGN}, in the journal as hats",
    "outcome = 'unrecorded'": f"{line(1, 'bill')}, outcome: recorded as counted, in the journal as unrecorded",
    "expires_s = 9": f"{line(1, 'bill')}, expires_s: recorded as {NOW_S + 300}, in the journal as 9",
    "day = '2023-11-13'": f"{line(1, 'bill')}, day: 2023-11-14 by the time of the line, in the journal 2023-11-13",
    "at_ms = at_ms + 86400000": f"{line(1, 'bill')}, day: 2023-11-15 by the time of the line, in the journal 2023-11",
    "bid_id = 7": f"{line(1, 'bill')}: acknowledged with outcome counted, spent_micros 1700, late_micros 0",
}
"""By what is set in the line of the bill: what is told."""


@pytest.mark.parametrize("change", OF_LINES)
def test_a_bill_that_was_changed(change: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, f"UPDATE entries SET {change} WHERE bid_id = 1 AND kind = 'bill'")
    told = refused(state, capsys)
    assert f"DIFFERENCE {OF_LINES[change]}" in told


@pytest.mark.parametrize(("bid_id", "kind"), [(1, "win"), (1, "bill"), (2, "bill"), (3, "loss")])
def test_a_line_that_was_removed(bid_id: int, kind: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, f"DELETE FROM entries WHERE bid_id = {bid_id} AND kind = '{kind}'")
    told = refused(state, capsys)
    assert f"DIFFERENCE {line(bid_id, kind)}: acknowledged with outcome" in told


def test_a_late_line_that_was_changed(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, "UPDATE entries SET late = 800 WHERE bid_id = 2")
    told = refused(state, capsys)
    assert f"DIFFERENCE {line(2, 'bill')}, late_micros: recorded as 900, in the journal as 800" in told
    assert f"DIFFERENCE {CAMPAIGN}, 2023-11-14, late_micros: the lines add up to 800, the balance is 900" in told


OF_BALANCES = {"bills": 2, "spent": 1700, "released": 3300, "late": 900, "margin": 425, "fee": 17}


@pytest.mark.parametrize("column", OF_BALANCES)
def test_a_balance_that_was_changed(column: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, f"UPDATE balances SET {column} = {column} + 1")
    told = refused(state, capsys)
    name, lines = (column if column == "bills" else f"{column}_micros"), OF_BALANCES[column]
    assert f"DIFFERENCE {CAMPAIGN}, 2023-11-14, {name}: the lines add up to {lines}, the balance is {lines + 1}" in told


def test_a_balance_that_was_removed(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, "DELETE FROM balances")
    told = refused(state, capsys)
    for column, lines in OF_BALANCES.items():
        name = column if column == "bills" else f"{column}_micros"
        assert f"DIFFERENCE {CAMPAIGN}, 2023-11-14, {name}: the lines add up to {lines}, the balance is 0" in told


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("total = 1600", f"{CAMPAIGN}: 1700 micros are spent or may yet be, the budget is 1600"),
        ("daily = 1600", f"{CAMPAIGN}, 2023-11-14: 1700 micros are spent, the budget of a day is 1600"),
        (
            "hourly = 1600",
            f"{CAMPAIGN}, hour of 2023-11-14T23:00:00+01:00: 1700 micros are spent, the budget of an hour is 1600",
        ),
    ],
)
def test_spend_beyond_a_limit(limit: str, told: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tamper(state, f"UPDATE funds SET {limit}")
    assert f"DIFFERENCE {told}" in refused(state, capsys)


def overwrite(segment: Path) -> None:
    """Damage the first record."""
    content = bytearray(segment.read_bytes())
    content[20:24] = b"\xff" * 4
    segment.write_bytes(content)


@pytest.mark.parametrize(
    ("writer", "kept"),
    [("worker-0", "0 recorded bids, 4 recorded notices"), ("control", "3 recorded bids, 0 recorded notices")],
)
def test_records_that_cannot_be_read_prove_nothing(
    writer: str, kept: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = next((state / "segments" / writer).glob("*.seg"))
    overwrite(segment)
    code, told = audited(state, capsys)
    assert code == 0
    size = segment.stat().st_size - len(HEADER)
    assert f"UNREAD {segment}: {size} bytes from {len(HEADER)} on cannot be read: checksum mismatch" in told
    assert f"{kept}: everything that can be read agrees" in told


def test_a_damaged_segment_that_was_put_aside_proves_nothing(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = next((state / "segments" / "control").glob("*.seg"))
    overwrite(segment)
    roll_segment(segment, state)
    _, told = audited(state, capsys)
    assert f"UNREAD {state / 'damaged' / 'control-000000000001.seg'}: " in told


def test_lines_without_records_are_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(state / "segments")
    code, told = audited(state, capsys)
    assert code == 0
    assert "4 lines (4 whose notice is not recorded), 0 recorded bids, 0 recorded notices: everything agrees" in told
