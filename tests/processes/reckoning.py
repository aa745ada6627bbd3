"""The reckoning with a bidder after whatever befell it: what it acknowledged, against what its ledger says."""

import time
from contextlib import closing
from pathlib import Path

from bidder.ledger.entry import Entry
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect_to_read
from bidder.processes.ledger_audit import audit
from tests.processes.market import TIGHT, Market


def reckon(state: Path, market: Market, label: str) -> None:
    """All that was acknowledged is in the ledger, once; nothing is there that was never sent; budgets hold."""
    acknowledged = dict(market.billed)
    found = audit(state, time.time())
    assert not found.differences, (label, found.differences)
    bills = bills_in(state)
    for bid_id, micros in acknowledged.items():
        assert bills[bid_id].spent_micros + bills[bid_id].late_micros == micros, label
    assert bills.keys() <= market.tried, label
    (tight,) = (each for each in found.standings if each.campaign == TIGHT)
    assert tight.budget is not None
    assert tight.committed + tight.late <= tight.budget, label


def bills_in(state: Path) -> dict[int, Entry]:
    """The lines of bills, by bid."""
    with closing(SqliteStore(state / "ledger.db", connect_to_read)) as store:
        return {entry.bid_id: entry for entry in store.entries() if entry.kind == "bill"}
