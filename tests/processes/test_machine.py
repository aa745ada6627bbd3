"""What a process takes of the machine."""

import os
import subprocess
import sys

import pytest

from bidder.processes.machine import BEHIND

SCRIPT = """
import resource
from bidder.processes.machine import affordable_connections
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(affordable_connections(8192), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "descriptors"),
    [(1024, 16_384, 8192, 8448), (1024, 4096, 3840, 4096), (16_000, 16_384, 8192, 16_000), (64, 64, 1, 64)],
)
def test_connections_are_as_many_as_the_system_gives_descriptors_for(
    soft: int, hard: int, connections: int, descriptors: int
) -> None:
    script = SCRIPT.format(soft=soft, hard=hard)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == [str(connections), str(descriptors)]


CHECKING = """
import resource
from bidder.processes.machine import MachineError, check_descriptors
resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))
try:
    check_descriptors()
except MachineError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("hard", "said"),
    [
        (511, "ulimit -n: a process may have 511 files and connections here, and 512 are needed; raise the hard limit"),
        (512, ""),
    ],
)
def test_too_few_descriptors_are_told_with_how_many_there_are_and_are_needed(hard: int, said: str) -> None:
    script = CHECKING.format(hard=hard)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith(said)
    assert bool(ended.stdout) == bool(said)


YIELDING = """
import os, subprocess, sys, time
from bidder.processes.machine import give_precedence, yield_to_workers
begun = subprocess.Popen(["sleep", "60"])
yield_to_workers()
late = subprocess.Popen(["sleep", "60"])
inherited = os.getpriority(os.PRIO_PROCESS, late.pid)
give_precedence(late.pid)
print(*(os.getpriority(os.PRIO_PROCESS, pid) for pid in (os.getppid(), begun.pid, os.getpid())), inherited,
      os.getpriority(os.PRIO_PROCESS, late.pid))
begun.kill(), late.kill()
"""


def test_control_comes_after_the_workers_it_began_and_those_it_begins_later_come_before_it_where_they_may() -> None:
    ended = subprocess.run([sys.executable, "-c", YIELDING], capture_output=True, text=True, check=True)
    watchdog, begun, control, inherited, late = map(int, ended.stdout.split())
    assert begun == watchdog
    assert control == inherited == watchdog + BEHIND
    assert late == (watchdog if os.geteuid() == 0 else control)
