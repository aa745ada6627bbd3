"""What a process takes of the machine."""

import subprocess
import sys

import pytest

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
