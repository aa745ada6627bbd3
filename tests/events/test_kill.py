"""A process that records and rolls, killed at any moment again and again, keeps every acknowledged event once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bidder.events.roll import roll_closed
from bidder.events.segment import seal
from tests.events.build import rolled_bid_ids

ROUND = 1_000_000
"""Ids of a round start at its multiple of this."""


def acknowledged_until_killed(state: Path, first: int, acknowledgements: int) -> list[int]:
    """Run the process, kill it after it has printed that many ids; all that it printed."""
    command = [sys.executable, "-m", "tests.events.recording_process", str(state), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        printed += process.stdout.readlines()
    return [int(line) for line in printed if line.endswith("\n")]


@pytest.mark.parametrize("rounds", [pytest.param(4), pytest.param(100, marks=pytest.mark.slow)])
def test_every_acknowledged_event_is_in_parquet_once_and_none_is_there_twice(tmp_path: Path, rounds: int) -> None:
    random = Random(rounds)
    acknowledged: set[int] = set()
    for number in range(1, rounds + 1):
        acknowledged.update(acknowledged_until_killed(tmp_path, number * ROUND, random.randrange(1, 60)))
    assert seal(tmp_path / "segments" / "control")
    assert not any(rolled.damages or rolled.error for rolled in roll_closed(tmp_path, {}))
    kept = Counter(rolled_bid_ids(tmp_path))
    assert acknowledged <= kept.keys()
    assert set(kept.values()) == {1}
    for first in range(ROUND, (rounds + 1) * ROUND, ROUND):
        ids = [number for number in kept if first <= number < first + ROUND]
        assert sorted(ids) == list(range(first, first + len(ids)))
