"""Event records of control: many calls to a sync."""

import asyncio
import threading
from pathlib import Path

import pytest

from bidder.events.reader import Position, tail
from bidder.events.recorder import Recorder, RecordError
from bidder.events.schema import Notice
from bidder.processes.records import Records
from tests.events.disk import failing


def notice(bid_id: int) -> Notice:
    return Notice(at_ms=1, kind="billing", bid_id=bid_id, outcome="counted", price_micros=5)


class SlowRecorder(Recorder):
    """Syncs only when it is let."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.let = threading.Semaphore(0)
        self.syncs = 0

    def flush(self, now_ms: int, *, durable: bool = False) -> None:
        self.let.acquire(timeout=60)
        self.syncs += 1
        super().flush(now_ms, durable=durable)


def recorded(directory: Path) -> list[int]:
    return [event.bid_id for event in tail(directory, Position()).events if isinstance(event, Notice)]


async def test_a_commit_returns_once_the_record_is_on_disk(tmp_path: Path) -> None:
    records = Records(Recorder(tmp_path), lambda: 1.0)
    records.append(notice(7))
    assert recorded(tmp_path) == []
    await records.commit()
    assert recorded(tmp_path) == [7]
    await records.close()


async def test_those_who_come_during_a_sync_share_the_next_one(tmp_path: Path) -> None:
    recorder = SlowRecorder(tmp_path)
    records = Records(recorder, lambda: 1.0)
    records.append(notice(0))
    first = asyncio.ensure_future(records.commit())
    await asyncio.sleep(0)
    others = []
    for bid_id in range(1, 20):
        records.append(notice(bid_id))
        others.append(asyncio.ensure_future(records.commit()))
    recorder.let.release()
    await first
    assert not any(each.done() for each in others)
    recorder.let.release()
    await asyncio.gather(*others)
    assert recorder.syncs == 2
    assert recorded(tmp_path) == list(range(20))


async def test_a_caller_that_goes_away_takes_the_sync_of_the_others_with_it_nowhere(tmp_path: Path) -> None:
    recorder = SlowRecorder(tmp_path)
    records = Records(recorder, lambda: 1.0)
    records.append(notice(1))
    gone, stays = asyncio.ensure_future(records.commit()), asyncio.ensure_future(records.commit())
    await asyncio.sleep(0)
    gone.cancel()
    recorder.let.release()
    await stays
    assert recorded(tmp_path) == [1]


async def test_what_cannot_be_synced_is_told_to_all_who_wait(tmp_path: Path) -> None:
    records = Records(Recorder(tmp_path), lambda: 1.0)
    records.append(notice(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bidder.events.segment.os.write", _full)
        waiting = [asyncio.ensure_future(records.commit()) for _ in range(3)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in found] == [RecordError] * 3
    records.append(notice(2))
    await records.commit()
    assert recorded(tmp_path) == [2]


async def test_closing_makes_safe_what_nobody_waited_for(tmp_path: Path) -> None:
    records = Records(Recorder(tmp_path), lambda: 1.0)
    records.append(notice(1))
    records.append(notice(2))
    await records.close()
    assert recorded(tmp_path) == [1, 2]


def _full(fd: int, data: bytes) -> int:
    raise OSError(28, "No space left on device")


async def test_after_a_sync_that_failed_records_go_into_a_new_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(Recorder(tmp_path), lambda: 1.0)
    with failing(monkeypatch, "fsync"):
        records.append(notice(1))
        for _ in range(2):
            with pytest.raises(RecordError):
                await records.commit()
    records.append(notice(2))
    await records.commit()
    assert recorded(tmp_path) == [1, 2]
    await records.close()
