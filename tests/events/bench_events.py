"""What recording costs, best of several runs: `python -m tests.events.bench_events [DIRECTORY]`."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from bidder.events.reader import Position, tail
from bidder.events.recorder import Recorder
from bidder.events.roll import roll_closed
from bidder.events.schema import Facts, encode
from bidder.events.segment import seal
from tests.events.build import NOON_MS, a_bid, a_notice

EVENTS = 1_000
RUNS = 30

FACTS: Facts = {f"categorical_fact_{number}": f"value-{number}" for number in range(20)} | {
    f"numeric_fact_{number}": number / 7 for number in range(10)
}


def measure(name: str, action: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> None:
    """Print the best time of `action` over `EVENTS` events, each run after `prepare`."""
    best = float("inf")
    for _ in range(RUNS):
        prepare()
        start = perf_counter()
        action()
        best = min(best, perf_counter() - start)
    print(f"{name:<44} {best / EVENTS * 1e6:8.3f} us per event {best * 1e3:8.3f} ms per {EVENTS}")


def measure_recording(recorder: Recorder) -> None:
    """The hot path and the timer."""
    bids = [a_bid(number, facts=dict(FACTS)) for number in range(EVENTS)]
    notices = [a_notice(number) for number in range(EVENTS)]

    def append() -> None:
        for bid in bids:
            recorder.append(bid)

    def append_money() -> None:
        for notice in notices:
            recorder.append_money(notice)

    def flush() -> None:
        recorder.flush(NOON_MS)

    print(f"a bid has {len(bids[0].facts)} facts and {len(encode(bids[0]))} bytes")
    measure("append a bid", append, flush)
    measure("append_money a notice (encodes it)", append_money, flush)
    measure("flush bids", flush, append)
    measure("flush notices durably", lambda: recorder.flush(NOON_MS, durable=True), append_money)


def measure_reading(state: Path, directory: Path) -> None:
    """What the control process does with the segments, over all that was recorded."""
    events, position, start = 0, Position(), perf_counter()
    while (read := tail(directory, position)).position != position:
        events, position = events + len(read.events), read.position
    print(f"tail {(perf_counter() - start) / events * 1e6:.3f} us per event of {events}")
    start = perf_counter()
    rows = sum(rolled.rows.total() for rolled in roll_closed(state, {}))
    print(f"roll {(perf_counter() - start) / rows * 1e6:.3f} us per event of {rows}")


def main(parent: Path) -> None:
    """Measure all steps in a directory of their own below `parent`."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        directory = Path(folder) / "segments" / "worker-0"
        recorder = Recorder(directory)
        measure_recording(recorder)
        recorder.close(NOON_MS)
        seal(directory)
        measure_reading(Path(folder), directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()))
