"""The roller: closed segments of all writers end up in Parquet, also those of writers that are no more."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from bidder.events.reader import Position
from bidder.events.recorder import Recorder
from bidder.events.schema import Click
from bidder.processes.roller import roll_as_told
from tests.processes.served import PATIENCE_SECONDS


def recorded(state: Path, name: str, bid_ids: range) -> None:
    """A writer that recorded clicks and is gone."""
    recorder = Recorder(state / "segments" / name)
    for bid_id in bid_ids:
        recorder.append(Click(at_ms=1_790_000_000_000, bid_id=bid_id, outcome="counted"))
    recorder.close(0)


def rolled_by(state: Path, read: dict[str, Position]) -> list[int]:
    """The bids in Parquet after a roller was told these positions once."""
    roll_as_told(state, {"control", *read}, [msgspec.json.encode(read)])
    return in_parquet(state)


def in_parquet(state: Path) -> list[int]:
    files = sorted((state / "events" / "click").rglob("*.parquet"))
    return sorted(each for file in files for each in pq.ParquetFile(file).read(["bid_id"])["bid_id"].to_pylist())


def test_segments_that_control_has_read_are_rolled_and_the_others_wait(tmp_path: Path) -> None:
    for name, first in (("worker-0", 0), ("worker-1", 10)):
        recorded(tmp_path, name, range(first, first + 3))
        recorded(tmp_path, name, range(first + 5, first + 6))
    read = {"worker-0": Position(2), "worker-1": Position(1)}
    assert rolled_by(tmp_path, read) == [0, 1, 2]


def test_what_a_worker_recorded_that_is_no_more_is_rolled_to_the_last(tmp_path: Path) -> None:
    recorded(tmp_path, "worker-7", range(3))
    assert rolled_by(tmp_path, {"worker-0": Position(1)}) == [0, 1, 2]


def test_the_process_does_what_it_was_told_and_ends_when_control_is_gone(tmp_path: Path) -> None:
    recorded(tmp_path, "worker-7", range(3))
    command = [sys.executable, "-m", "bidder.processes.roller", str(tmp_path), "worker-0"]
    told = msgspec.json.encode({"worker-0": Position(1)}) + b"\n"
    subprocess.run(command, input=told, timeout=PATIENCE_SECONDS, check=True)
    assert in_parquet(tmp_path) == [0, 1, 2]
