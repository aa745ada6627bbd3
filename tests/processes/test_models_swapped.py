"""A thousand swaps in a row while requests come.

The exchange waits for seconds, and the traffic leaves room for swaps, so that whatever else runs on the machine decides
nothing, and no request is without a bid but because of a swap.
"""

import json
from itertools import cycle, islice
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models import pointers
from models.store import Store
from tests.processes.model_store import PAUSE_SECONDS, add_constant, use_store, wait_for_seconds
from tests.processes.served import Bidder, configured, until
from tests.processes.test_models_live import bids, ctr, post
from tests.processes.test_serve import Traffic

SWAPS = 1000
WARM_SWAPS = 100
SAID = {"1": 100, "2": 50, "3": 25}
"""Versions, and of how many impressions each says that one is clicked."""


@pytest.mark.slow
def test_a_thousand_swaps_under_traffic_fail_nothing_mix_nothing_and_keep_no_memory(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    probabilities = {f"ctr:{version}": add_constant(store, version, rows) for version, rows in SAID.items()}
    pointers.promote(store.root / "ctr", "1")
    with configured(tmp_path) as directory:
        use_store(directory / "config", store)
        wait_for_seconds(directory / "config")
        with Bidder(directory, workers=2) as bidder:
            with Traffic(bidder.bid_url, pause_s=PAUSE_SECONDS) as traffic:
                swap(bidder, WARM_SWAPS)
                before = resident_kilobytes(bidder)
                swap(bidder, SWAPS)
                grown = resident_kilobytes(bidder) - before
            print(json.dumps({"answers": traffic.statuses, "silent": traffic.silent, "slowest_s": traffic.slowest_s}))
            assert bidder.metric("bidder_worker_restarts_total") == 0, bidder.log.read_text()
            assert traffic.failures == []
            assert set(traffic.statuses) == {200}, traffic.silent
            assert bidder.metric("bidder_model_swaps_total") >= SWAPS + WARM_SWAPS
            until(lambda: len(recorded(bidder)) == traffic.statuses[200], "the records of all bids")
            assert set(recorded(bidder)) == set(probabilities.items())
            assert grown < 10_000, f"the workers grew by {grown} KB"


def swap(bidder: Bidder, times: int) -> None:
    """Have one version after the other go live, each waited for."""
    for version in islice(cycle(("2", "3", "1")), times):
        assert post(bidder, "ctr/promote", version=version)[0] == 200
        until(lambda version=version: ctr(bidder)["live"] == version, f"version {version}")  # type: ignore[misc]


def recorded(bidder: Bidder) -> list[tuple[str, float]]:
    """Model and probability of every bid, of those in segments and those rolled into Parquet."""
    found = [(each.model, each.probability) for each in bids(bidder)]
    for file in (bidder.state / "events" / "bid").rglob("*.parquet"):
        rows = pq.read_table(file, columns=["model", "probability"], partitioning=None).to_pylist()
        found += [(row["model"], row["probability"]) for row in rows]
    return found


def resident_kilobytes(bidder: Bidder) -> int:
    """Memory of the workers."""
    texts = [Path(f"/proc/{worker}/status").read_text() for worker in bidder.workers()]
    return sum(int(line.split()[1]) for text in texts for line in text.splitlines() if line.startswith("VmRSS"))
