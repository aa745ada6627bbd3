"""What a question sees of a state directory: every event once, in Parquet or in segments."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bidder.events.reader import segment_path
from bidder.events.roll import roll_segment
from bidder.events.schema import Bid, Notice
from bidder.query.log import Log, NoLogError, read
from tests.events.build import a_bid, a_notice, record


def record_bids(state: Path, *numbers: int, writer: str = "worker-0") -> None:
    """Record bids in a segment of their own."""
    record(state / "segments" / writer, map(a_bid, numbers))


def bids(log: Log) -> list[int]:
    """The bids of a log, in Parquet and in segments."""
    filed = [bid for path in log.files[Bid] for bid in pq.read_table(path)["bid_id"].to_pylist()]
    return sorted([*filed, *log.recent[Bid]["bid_id"].to_pylist()])


def test_bids_are_seen_in_segments_and_in_parquet(tmp_path: Path) -> None:
    record_bids(tmp_path, 1, 2)
    record_bids(tmp_path, 3)
    roll_segment(segment_path(tmp_path / "segments" / "worker-0", 1), tmp_path)
    record_bids(tmp_path, 4, writer="worker-1")
    log = read(tmp_path)
    assert bids(log) == [1, 2, 3, 4]
    assert len(log.files[Bid]) == 1


def test_a_segment_that_is_being_rolled_is_seen_once(tmp_path: Path) -> None:
    record_bids(tmp_path, 1, 2)
    segment = segment_path(tmp_path / "segments" / "worker-0", 1)
    kept = segment.read_bytes()
    roll_segment(segment, tmp_path)
    segment.write_bytes(kept)  # as between the files' renames and the segment's removal
    assert bids(read(tmp_path)) == [1, 2]


def test_a_record_that_is_half_written_is_left_for_later(tmp_path: Path) -> None:
    record_bids(tmp_path, 1, 2)
    segment = segment_path(tmp_path / "segments" / "worker-0", 1)
    segment.write_bytes(segment.read_bytes()[:-3])
    assert bids(read(tmp_path)) == [1]


def test_more_than_one_read_of_a_segment_gives_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidder.events.reader.CHUNK_BYTES", 1000)
    record_bids(tmp_path, *range(1, 50))
    assert bids(read(tmp_path)) == list(range(1, 50))


def test_a_segment_that_goes_away_meanwhile_is_seen_in_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_bids(tmp_path, 1, 2)
    segment = segment_path(tmp_path / "segments" / "worker-0", 1)
    listed = [1]
    roll_segment(segment, tmp_path)
    monkeypatch.setattr("bidder.query.log.sequences", lambda _: listed)
    assert bids(read(tmp_path)) == [1, 2]


def test_a_log_without_events_has_all_tables(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    log = read(tmp_path)
    assert all(table.num_rows == 0 for table in log.recent.values())
    assert "price_text" in log.recent[Notice].column_names
    assert a_notice().price_text == ""


def test_a_directory_that_is_no_state_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoLogError, match="no event log here; is this a --state of `bidder serve`"):
        read(tmp_path)
