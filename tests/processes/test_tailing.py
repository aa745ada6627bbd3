"""What workers record, as control reads it while it answers others."""

import threading
from pathlib import Path

from bidder.events.reader import Position
from bidder.events.schema import Bid
from bidder.processes.tailing import RETAINED_SECONDS, Tails, Unexpired
from tests.events.build import NOON_MS, a_bid, record

NOON_S = NOON_MS // 1000


class Noting(Unexpired):
    """Remembers which threads change it."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def note(self, writer: str, sequence: int, expires_s: int) -> None:
        self.threads.add(threading.get_ident())
        super().note(writer, sequence, expires_s)


async def test_a_segment_is_kept_until_its_bids_have_expired(tmp_path: Path) -> None:
    tails = Tails(tmp_path, 1)
    record(tmp_path / "worker-0", [a_bid(7, expires_ms=NOON_MS + 60_000)])
    assert [event.bid_id for event in await tails.read_to_the_end("worker-0") if isinstance(event, Bid)] == [7]
    assert tails.rollable(NOON_S) == {"worker-0": Position(1)}
    assert tails.rollable(NOON_S + 60 + RETAINED_SECONDS) == dict(tails.positions)


async def test_what_is_known_changes_where_it_is_asked_for_and_never_in_the_thread_that_reads(tmp_path: Path) -> None:
    unexpired = Noting()
    tails = Tails(tmp_path, 1, unexpired)
    record(tmp_path / "worker-0", [a_bid()])
    await tails.read_to_the_end("worker-0")
    assert unexpired.threads == {threading.get_ident()}
