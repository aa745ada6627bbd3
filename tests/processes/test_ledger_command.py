"""`bidder ledger`: what is told of money, and what an audit finds."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bidder.cli import main
from bidder.events.recorder import Recorder
from bidder.events.schema import Bid, Event, Notice
from bidder.ledger.board import Board, Shape
from bidder.ledger.entry import Entry
from bidder.ledger.outage import Outage
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect
from bidder.ledger.store import Batch
from bidder.processes.ledger_audit import audit
from bidder.processes.ledger_standing import Standing
from bidder.processes.state import State
from tests.domain.tickets import NOW_S
from tests.ledger.lines import bill, fund, gap, loss, win
from tests.processes.test_treasury import bid as recorded_bid

CAMPAIGN = "shoes-autumn"
OCTOBER_MS = (NOW_S - 14 * 86_400) * 1000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    directory = tmp_path / "state"
    State(directory).close()
    return directory


def write(state: Path, *entries: Entry, **more: Any) -> None:
    store = SqliteStore(state / "ledger.db")
    store.write(Batch(entries=entries, **more))
    store.close()


def begin(state: Path, outage: Outage) -> None:
    store = SqliteStore(state / "ledger.db")
    store.begin_epoch(outage)
    store.close()


def record(state: Path, writer: str, *events: Event) -> None:
    recorder = Recorder(state / "segments" / writer)
    for event in events:
        recorder.append(event)
    recorder.close(0)


def a_bid(bid_id: int, price: int = 2500, **changes: Any) -> Bid:
    fields = {"at_ms": NOW_S * 1000, "expires_ms": (NOW_S + 300) * 1000}
    return replace(recorded_bid(CAMPAIGN, price, bid_id=bid_id), **(fields | changes))


def a_notice(bid_id: int, micros: int) -> Notice:
    return Notice(
        at_ms=NOW_S * 1000,
        kind="billing",
        bid_id=bid_id,
        campaign=CAMPAIGN,
        outcome="counted",
        price_micros=micros,
    )


def differences(state: Path) -> list[str]:
    return audit(state, NOW_S).differences


def standing(state: Path) -> Standing:
    (found,) = audit(state, NOW_S).standings
    return found


def test_books_that_agree(state: Path) -> None:
    write(state, win(1), bill(1), loss(2), funds=[fund(10_000)])
    record(state, "worker-0", a_bid(1), a_bid(2), a_bid(3, 700))
    record(state, "control", a_notice(1, 1700))
    found = audit(state, NOW_S)
    assert (found.differences, found.lines, found.bids, found.notices) == ([], 3, 2, 1)
    (each,) = found.standings
    assert (each.spent, each.held, each.released, each.overspend_bound) == (1700, 700, 3300, 0)
    assert (each.wins, each.bills, each.losses) == (1, 1, 1)


def test_a_bill_that_was_acknowledged_and_is_not_in_the_journal_is_named(state: Path) -> None:
    write(state, bill(1))
    record(state, "control", a_notice(2, 900), a_notice(1, 1))
    first, second = differences(state)
    assert first == (
        f"{CAMPAIGN}, bid 0000000000000002, bill line: acknowledged with outcome counted, spent_micros 900,"
        " late_micros 0, fee_micros 0, the journal has none"
    )
    assert second == f"{CAMPAIGN}, bid 0000000000000001, bill line, spent_micros: recorded as 1, in the journal as 1700"


def test_a_balance_that_is_not_the_sum_of_its_lines_is_named(state: Path) -> None:
    write(state, bill(1))
    with connect(state / "ledger.db") as file:
        file.execute("UPDATE balances SET spent = 9999")
    (found,) = differences(state)
    assert found == f"{CAMPAIGN}, 2023-11-14, spent_micros: the lines add up to 1700, the balance is 9999"


def test_a_line_that_was_changed_is_named_by_what_the_worker_recorded(state: Path) -> None:
    write(state, bill(1))
    record(state, "worker-0", a_bid(1, 2400))
    (found,) = differences(state)
    assert (
        found == f"{CAMPAIGN}, bid 0000000000000001, bill line, price_micros: recorded as 2400, in the journal as 2500"
    )


def test_spend_beyond_the_highest_budget_there_was_is_named(state: Path) -> None:
    write(state, bill(1), funds=[fund(1600), fund(1650, day_micros=1000)])
    assert differences(state) == [f"{CAMPAIGN}: 1700 micros are spent or may yet be, the budget is 1650"]
    write(state, funds=[fund(5000), fund(1000)])
    assert differences(state) == []
    assert standing(state).overspend_bound == 700


def test_a_day_beyond_its_budget_is_named(state: Path) -> None:
    write(state, bill(1), funds=[fund(None, day_micros=1000)])
    assert differences(state) == [f"{CAMPAIGN}, 2023-11-14: 1700 micros are spent, the budget of a day is 1000"]


def test_what_was_spent_before_the_flight_is_not_of_its_budget(state: Path) -> None:
    write(state, bill(1), bill(2, 300, day="2023-10-31", at_ms=OCTOBER_MS), funds=[fund(1700)])
    assert (standing(state).spent, differences(state)) == (1700, [])


def test_gaps_hold_what_nobody_named_since(state: Path) -> None:
    write(state, bill(1, life=1 << 24), gaps=[gap(3000)])
    assert standing(state).unnamed == 500


def test_while_a_bidder_serves_grants_and_bids_without_record_count_and_afterwards_only_what_the_store_says(
    state: Path,
) -> None:
    write(state, bill(1))
    board = Board.create(state / "board", Shape(workers=2, slots=2, stats=0))
    board.mark(epoch=3, boot=0)
    board.names[: len(CAMPAIGN)] = CAMPAIGN.encode()
    board.grant(1, 0, 900)
    board.bid[1][0] = 400
    board.written[1][0] = 150
    serving = State(state)
    assert (standing(state).unspent, standing(state).unnamed) == (500, 250)
    serving.close()
    assert (standing(state).unspent, standing(state).unnamed) == (0, 0)


def test_what_a_restart_put_off_is_held_as_the_bidder_holds_it_and_what_was_resolved_or_given_up_is_not(
    state: Path,
) -> None:
    write(state, funds=[fund(10_000)])
    begin(state, Outage(NOW_S - 100, NOW_S - 10))
    expires_ms = (NOW_S - 50) * 1000
    bids = [a_bid(bid_id, 700, at_ms=expires_ms - 60_000, expires_ms=expires_ms) for bid_id in (1, 2, 3)]
    given_up = a_bid(4, 700, at_ms=expires_ms - 120_000, expires_ms=expires_ms - 60_000)
    record(state, "worker-0", *bids, given_up)
    resolved = loss(2, expires_s=NOW_S - 50, price_micros=700, reserved_micros=700, released_micros=700)
    write(state, resolved, win(3, expires_s=NOW_S - 50, price_micros=700))
    assert standing(state).held == 1400
    assert audit(state, NOW_S + 49.9).standings[0].held == 1400
    assert audit(state, NOW_S + 50).standings[0].held == 0


def test_what_may_have_been_given_up_is_held_as_far_as_the_budget_goes(state: Path) -> None:
    write(state, bill(1), funds=[fund(2000)])
    begin(state, Outage(NOW_S + 100, NOW_S - 86_400))
    record(state, "worker-0", a_bid(2, 700, expires_ms=(NOW_S + 50) * 1000))
    assert (standing(state).held, differences(state)) == (300, [])


def test_exit_codes_and_output_of_an_audit(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(state, bill(1), funds=[fund(5000)])
    assert main(["ledger", "audit", f"--state={state}"]) == 0
    assert (
        "1 lines (1 whose notice is not recorded), 0 recorded bids, 0 recorded notices: everything agrees"
        in capsys.readouterr().out
    )
    record(state, "control", a_notice(2, 900))
    assert main(["ledger", "audit", f"--state={state}"]) == 1
    assert f"DIFFERENCE {CAMPAIGN}, bid 0000000000000002, bill line: acknowledged" in capsys.readouterr().out
    assert main(["ledger", "audit", f"--state={state}", "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["differences"]) == 1


def test_the_story_of_a_campaign(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(state, win(1), bill(1, margin_micros=300, fee_micros=50), loss(2), funds=[fund(10_000)])
    assert main(["ledger", "show", CAMPAIGN, f"--state={state}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("shoes-autumn of shoes, flight since 2023-11-01\n")
    for line in (
        "budget    0.01 ",
        "spent     0.001700",
        "released  0.003300",
        "margin    0.000300",
        "fees      0.000050",
    ):
        assert line in told
    assert "with nobody serving, these bids and holds: at most 0.00 above the budget" in told


def test_what_is_not_there_is_told_in_one_line(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "audit", f"--state={state / 'none'}"]) == 2
    assert "no ledger.db here; is this a --state of `bidder serve`?" in capsys.readouterr().err
    write(state, bill(1))
    assert main(["ledger", "show", "hats", f"--state={state}"]) == 2
    assert capsys.readouterr().err == "bidder ledger: hats: no such campaign; known are: shoes-autumn\n"
