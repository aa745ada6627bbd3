"""A budget is spent out whatever the number of workers, though some of them get little traffic or none."""

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from bidder.ledger.sqlite import SqliteStore, connect_to_read
from bidder.processes.ledger_audit import audit
from bidder.processes.ledger_standing import Standing
from tests.processes.market import TIGHT, Market, set_up, write_campaigns
from tests.processes.served import PATIENCE_SECONDS, Bidder, configured

BUDGET = 0.9
BUDGET_MICROS = 900_000
HOLD_SECONDS = 2
QUIET_SECONDS = 2 * HOLD_SECONDS + 1
"""Nothing was spent for so long: no hold is left, and what came of the last has had time to be bid again."""


def spend_out(directory: Path, workers: int) -> Standing:
    """Have the market buy until nothing more is spent, over three connections that stay with their workers."""
    with Bidder(directory, workers=workers) as bidder:
        with Market(bidder.bid_url, bidder.web_url, seed=5):
            wait_until_quiet(bidder.state)
        bidder.process.terminate()
        assert bidder.process.wait(PATIENCE_SECONDS) == 0
    found = audit(bidder.state, time.time())
    assert found.differences == []
    (tight,) = (each for each in found.standings if each.campaign == TIGHT)
    return tight


def wait_until_quiet(state: Path) -> None:
    spent, since_s = 0, time.monotonic()
    while time.monotonic() < since_s + QUIET_SECONDS:
        time.sleep(0.2)
        found = spent_micros(state)
        if found != spent:
            spent, since_s = found, time.monotonic()


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
    assert min(spent.values()) >= 0.99 * BUDGET_MICROS
    assert max(spent.values()) - min(spent.values()) <= 0.005 * BUDGET_MICROS


@pytest.mark.slow
def test_the_number_of_workers_may_change_from_one_start_to_the_next(tmp_path: Path) -> None:
    with configured(tmp_path, "minimal"):
        set_up(tmp_path / "config", BUDGET / 3, HOLD_SECONDS)
        for third, workers in enumerate((1, 4, 2), start=1):
            write_campaigns(tmp_path / "config", third * BUDGET / 3)
            found = spend_out(tmp_path, workers)
            assert found.late == 0
            assert 0.99 * third / 3 * BUDGET_MICROS <= found.spent <= third / 3 * BUDGET_MICROS
