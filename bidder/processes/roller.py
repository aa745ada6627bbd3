"""The roller: closed event segments into Parquet, in a process of its own where nobody waits for it.

Started by control as `python -m bidder.processes.roller STATE WRITER...`, with the names of those who write now. On its
standard input it is told how far control has read. It may be ended at any moment: what was cut short is done again.
"""

import os
import signal
import sys
from collections.abc import Container, Iterable
from pathlib import Path

import msgspec
import structlog

from bidder.events.reader import Position
from bidder.events.roll import roll_closed
from bidder.events.segment import seal
from bidder.processes.logs import configure_logs

LEAST_URGENT = 10

_log = structlog.get_logger()
_decoder = msgspec.json.Decoder(dict[str, Position])


def main() -> None:
    """Roll each time that control writes its positions, a line of JSON; end when control is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(LEAST_URGENT)
    configure_logs("roller")
    roll_as_told(Path(sys.argv[1]), sys.argv[2:], sys.stdin.buffer)


def roll_as_told(state: Path, writers: Container[str], lines: Iterable[bytes]) -> None:
    """Roll what the writers closed and control has read, as each line tells; of other writers, all there is."""
    for directory in (state / "segments").glob("*/"):
        if directory.name not in writers:
            seal(directory)
    for line in lines:
        _roll(state, _decoder.decode(line))


def _roll(state: Path, read: dict[str, Position]) -> None:
    for rolled in roll_closed(state, read):
        if rolled.error is not None:
            _log.error("a segment cannot be rolled", segment=str(rolled.segment), error=str(rolled.error))
        for damage in rolled.damages:
            _log.error("an event record is lost", **damage._asdict())


if __name__ == "__main__":
    main()
