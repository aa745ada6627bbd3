"""The watchdog: who follows a control process that ended, how soon, and when nobody does."""

import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from bidder.processes import watchdog as module
from bidder.processes.watchdog import Watchdog

CONTROL = """
import os, sys
number, line = int(sys.argv[1]), sys.stdin.readline()
if not line:
    sys.exit(0)
*story, ready = line.split()
with open("{log}", "a") as log:
    log.write(f"{{number}} ")
serves, code = story[min(number, len(story)) - 1].split(":")
if serves == "serves":
    os.write(int(ready), b"1")
os._exit(int(code))
"""


class Play:
    """A watchdog over control processes that do what a story says, life by life: `serves:9 fails:1 fails:0`."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pauses: list[float] = []
        self._log = directory / "lives"
        self._script = directory / "control.py"
        monkeypatch.setattr(module, "COMMAND", (sys.executable, str(self._script)))
        monkeypatch.setattr(module.time, "sleep", self.pauses.append)

    def run(self, story: str) -> int:
        def told(life: int, ready_fd: int) -> str:
            return f"{story} {ready_fd}"

        self._script.write_text(CONTROL.format(log=self._log))
        return Watchdog(told, []).run()

    @property
    def lives(self) -> list[int]:
        return [int(number) for number in self._log.read_text().split()]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    return Play(tmp_path, monkeypatch)


def test_control_that_served_is_followed_at_once_however_often(play: Play) -> None:
    assert play.run("serves:9 serves:9 serves:9 serves:0") == 0
    assert (play.lives, play.pauses) == ([1, 2, 3, 4], [module.FIRST_PAUSE_SECONDS] * 3)


def test_control_that_never_serves_is_tried_ever_more_slowly_and_given_up(play: Play) -> None:
    assert play.run("fails:9") == 9
    assert play.lives == [1, 2, 3, 4, 5]
    assert play.pauses == [0.1, 0.2, 0.4, 0.8]


def test_control_that_served_once_is_never_given_up(play: Play) -> None:
    assert play.run("serves:9" + " fails:9" * 7 + " serves:0") == 0
    assert play.lives == [*range(1, 10)]
    assert max(play.pauses) == module.LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize("code", [0, 2])
def test_a_first_life_that_says_it_cannot_serve_is_the_last(play: Play, code: int) -> None:
    assert play.run(f"fails:{code} serves:0") == code
    assert (play.lives, play.pauses) == ([1], [])


def short_of_processes(monkeypatch: pytest.MonkeyPatch, failing: Collection[int], error: OSError) -> None:
    """These starts of a process fail, counted from 1."""
    starts: list[Sequence[str]] = []
    real = subprocess.Popen

    def started(command: Sequence[str], **settings: Any) -> Any:
        starts.append(command)
        if len(starts) in failing:
            raise error
        return real(command, **settings)

    monkeypatch.setattr(module.subprocess, "Popen", started)


def test_where_no_process_is_to_be_had_for_the_next_control_it_is_tried_until_there_is(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_of_processes(monkeypatch, range(2, 5), BlockingIOError("no more processes"))
    assert play.run("serves:9 serves:0") == 0
    assert play.lives == [1, 2]
    assert play.pauses == [module.FIRST_PAUSE_SECONDS, *[module.LONGEST_PAUSE_SECONDS] * 2]


def test_where_no_process_can_wait_control_goes_on_and_another_is_started_when_needed(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_of_processes(monkeypatch, {2}, OSError("no memory"))
    assert play.run("serves:9 serves:0") == 0
    assert play.lives == [1, 2]
