"""Processes that are killed at any moment, under load: no acknowledged notice is forgotten, and no budget is overspent.

Figures of the long run: `pytest -m slow -s tests/processes/test_crashes.py`.
"""

import json
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.market import Market, set_up, write_campaigns
from tests.processes.reckoning import reckon
from tests.processes.resumption import RESUME_SECONDS, Resumption
from tests.processes.served import Bidder, configured, is_running, kill, until

RAISE = 0.6
"""What a round adds to the budget that runs out, in dollars: some 200 bids."""

VICTIMS = ("control", "worker", "both")


class Rounds:
    """One bidder under load, crash after crash."""

    def __init__(self, directory: Path, seed: int, workers: int) -> None:
        self.seed = seed
        self.bidder = Bidder(directory, workers=workers).wait_until_ready()
        self.market = Market(self.bidder.bid_url, self.bidder.web_url, seed)
        self.resumed_s: list[float] = []
        self._dice = random.Random(seed)
        self._config = directory / "config"

    def crash(self, number: int) -> None:
        """Raise the budget, wait for a random moment, kill, and wait until bids resume."""
        write_campaigns(self._config, RAISE * (number + 2))
        time.sleep(self._dice.uniform(0.0, 0.6))
        victim = VICTIMS[number % len(VICTIMS)]
        workers = self.bidder.workers()
        if victim != "worker":
            kill(self.bidder.control())
        if victim != "control" and workers:
            _kill_quietly(self._dice.choice(workers))
        resumption = Resumption(self.bidder)
        if victim != "worker":
            until(lambda: not any(is_running(pid) for pid in workers), "the end of all workers")
        before = self.market.bids
        until(
            lambda: self.market.bids > before + 5, f"bids after the end of {victim}, round {number}, seed {self.seed}"
        )
        self.resumed_s.append(resumption.seconds())
        assert self.resumed_s[-1] <= RESUME_SECONDS, f"bids after the end of {victim}, round {number}, seed {self.seed}"

    def check(self) -> None:
        """Everything that was acknowledged is in the ledger, once; nothing is there that was never sent."""
        reckon(self.bidder.state, self.market, f"seed {self.seed}")


def _kill_quietly(pid: int) -> None:
    try:
        kill(pid)
    except ProcessLookupError:  # it has ended with its control process
        return


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(getattr(request, "param", 7))


@pytest.fixture
def rounds(tmp_path: Path, seed: int) -> Iterator[Rounds]:
    with configured(tmp_path, "minimal"):
        set_up(tmp_path / "config", RAISE)
        made = Rounds(tmp_path, seed, workers=2)
        try:
            with made.market:
                until(lambda: made.market.bids > 20, "bids")
                yield made
        finally:
            made.bidder.process.kill()
            made.bidder.process.wait()


def test_whoever_is_killed_no_acknowledgement_is_forgotten_and_no_budget_overspent(rounds: Rounds) -> None:
    for number in range(3):
        rounds.crash(number)
        rounds.check()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4], indirect=True)
def test_crash_after_crash(rounds: Rounds) -> None:
    for number in range(51):
        rounds.crash(number)
        if number % 10 == 0:
            rounds.check()
    rounds.check()
    slowest, middle = max(rounds.resumed_s), statistics.median(rounds.resumed_s)
    bills, bids = len(rounds.market.billed), rounds.market.bids
    print(json.dumps({"rounds": 51, "bids": bids, "bills": bills, "resumed_s": [round(middle, 2), round(slowest, 2)]}))
