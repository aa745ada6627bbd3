"""A budget is spent out whatever the number of workers, though some of them get little traffic or none."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect_to_read
from bidder.processes.ledger_audit import audit
from bidder.processes.ledger_standing import Standing
from tests.processes.market import TIGHT, TIGHT_MICROS, Market, set_up, write_campaigns
from tests.processes.served import PATIENCE_SECONDS, Bidder, configured, until

BUDGET = 0.9
BUDGET_MICROS = 900_000
HOLD_SECONDS = 2
SPENDING_SECONDS = 240.0


def spend_out(directory: Path, workers: int, budget: int = BUDGET_MICROS) -> Standing:
    """Have the market buy until no bid can be paid for, over three connections that stay with their workers."""
    with Bidder(directory, workers=workers) as bidder:
        with Market(bidder.bid_url, bidder.web_url, seed=5):
            until(spent_out(bidder.state, budget), f"less than a bid left of {budget}", SPENDING_SECONDS)
        bidder.process.terminate()
        assert bidder.process.wait(PATIENCE_SECONDS) == 0
    found = audit(bidder.state, time.time())
    assert found.differences == []
    (tight,) = (each for each in found.standings if each.campaign == TIGHT)
    return tight


def spent_out(state: Path, budget: int) -> Callable[[], bool]:
    return lambda: budget - spent_micros(state) < TIGHT_MICROS


def spent_micros(state: Path) -> int:
    with closing(SqliteStore(state / "ledger.db", connect_to_read)) as store:
        return sum(each.spent_micros for each in store.balances() if each.campaign == TIGHT)


@pytest.mark.slow
def test_one_two_and_four_workers_spend_the_same_and_nothing_beyond_the_budget(tmp_path: Path) -> None:
    spent = {}
    for workers in (1, 2, 4):
        directory = tmp_path / str(workers)
        directory.mkdir()
        with configured(directory, "minimal"):
            set_up(directory / "config", BUDGET, HOLD_SECONDS)
            found = spend_out(directory, workers)
        assert found.late == 0
        spent[workers] = found.spent
    print(json.dumps({"budget": BUDGET_MICROS, "spent by workers": spent}))
    assert max(spent.values()) <= BUDGET_MICROS
    assert max(spent.values()) - min(spent.values()) <= 0.005 * BUDGET_MICROS


@pytest.mark.slow
def test_the_number_of_workers_may_change_from_one_start_to_the_next(tmp_path: Path) -> None:
    with configured(tmp_path, "minimal"):
        set_up(tmp_path / "config", BUDGET / 3, HOLD_SECONDS)
        for third, workers in enumerate((1, 4, 2), start=1):
            write_campaigns(tmp_path / "config", third * BUDGET / 3)
            budget = third * BUDGET_MICROS // 3
            found = spend_out(tmp_path, workers, budget)
            assert found.late == 0
            assert found.spent <= budget
