"""A model learns from what the bidder's recorder really writes, from segment to champion."""

import json
from pathlib import Path

import numpy as np
import pytest

from bidder.domain.outcome import Outcome
from bidder.events.roll import roll_closed
from bidder.events.schema import Click, Event, Impression
from models.__main__ import main
from models.dataset.events import COUNTING
from tests.events.build import NOON_MS, a_bid, write_closed_segment

BIDS = 4000


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of bids, of which three quarters were shown; the placement decides how often they are clicked."""
    chance = np.random.default_rng(6)
    events: list[Event] = []
    for number in range(BIDS):
        at_ms = NOON_MS + number * 43_200
        tag = int(chance.integers(5))
        logged = {
            "tagid": f"tag-{tag}",
            "bidfloor": 1.0,
            "hour": at_ms // 3_600_000 % 24,
            "os": None,
            "rewarded": False,
        }
        events.append(a_bid(number, at_ms=at_ms, campaign=f"c-{tag % 2}", facts=logged))
        if number % 4 == 0:
            continue
        events.append(Impression(at_ms=at_ms + 900, bid_id=number, outcome="counted"))
        if chance.random() < 0.02 + 0.06 * tag:
            events.append(Click(at_ms=at_ms + 5000, bid_id=number, outcome="counted"))
    root = tmp_path_factory.mktemp("state")
    write_closed_segment(root / "segments" / "worker-0", events)
    assert [rolled.error for rolled in roll_closed(root, {})] == [None]
    return root


def test_training_counts_what_the_bidder_counted() -> None:
    assert set(COUNTING) == {each.value for each in Outcome if each.counts}


def test_from_segments_to_a_champion_and_back(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", str(tmp_path / "store"), "--json"]
    asked = ["--format", "events", "--data", str(state), "--outcome", "click", "--name", "ctr"]
    assert main(["train", *asked, "--test-share", "0.25", *store]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert trained["rows"] == BIDS * 3 // 4 // 4
    assert trained["auc"] > 0.6
    assert main(["train", *asked, "--kind", "constant", *store]) == 0
    for version in ("1", "2"):
        assert main(["promote", f"ctr:{version}", *store]) == 0
    assert main(["rollback", "ctr", *store]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["champion"] == "1"
