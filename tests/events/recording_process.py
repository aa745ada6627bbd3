"""A process that records and rolls until it is killed: `python -m tests.events.recording_process STATE FIRST`.

It records clicks as telemetry and notices as money, with ids from FIRST up. Once a notice is safe, it prints its id.
"""

import os
import sys
from itertools import count
from pathlib import Path
from random import Random

from bidder.events.recorder import Limits, Recorder
from bidder.events.roll import roll_closed
from tests.events.build import NOON_MS, a_click, a_notice


def main(state: Path, first: int) -> None:
    """Record for ever."""
    random = Random(first)
    recorder = Recorder(state / "segments" / "control", Limits(segment_bytes=2_000))
    for number in count(first):
        if number % 2:
            recorder.append_money(a_notice(number))
        else:
            recorder.append(a_click(number))
        if number % 2 and random.random() < 0.2:
            recorder.flush(NOON_MS, durable=True)
            os.write(sys.stdout.fileno(), f"{number}\n".encode())
        if random.random() < 0.02:
            for rolled in roll_closed(state, {}):
                assert not rolled.damages, rolled.damages


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
