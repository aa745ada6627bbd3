"""The parent of control: it holds the ports and the state directory, and starts control again whenever it ends badly.

It does nothing else, so that there is little to go wrong in it. Connections of the web port wait in the queue of its
socket while control is away. When the watchdog itself is gone, control ends at once: the leash, a pipe, tells it.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

import structlog

COMMAND = (sys.executable, "-m", "bidder.processes.control_process")
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
STEADY_SECONDS = 10.0
"""A control process that lived this long was not started in vain: the next one comes at once."""

ATTEMPTS = 5
"""A control process that failed so often, and never was steady, will not be."""

FINAL = frozenset({0, 2})
"""Exit codes of a first life that another one would not better: ended in order, or cannot serve at all."""

_log = structlog.get_logger()


class Watchdog:
    """Keeps control alive until it is told to stop."""

    def __init__(self, arguments: Callable[[int], Sequence[str]], fds: Sequence[int]) -> None:
        """`arguments` are those of a life, from 1 on; `fds` are handed down."""
        self._arguments = arguments
        self._fds = fds
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """Returns the exit code of the last control process, as a shell would tell it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._pass_on)
        life, in_vain, was_steady = 1, 0, False
        while True:
            began_s = time.monotonic()
            code = self._live_once(life)
            steady = time.monotonic() - began_s >= STEADY_SECONDS
            was_steady, in_vain = was_steady or steady, 0 if steady else in_vain + 1
            hopeless = not was_steady and code > 0 and in_vain >= ATTEMPTS
            if self._stopping or hopeless or (life == 1 and code in FINAL) or code == 0:
                return code if code >= 0 else 128 - code
            pause_s = min(FIRST_PAUSE_SECONDS * 2**in_vain, LONGEST_PAUSE_SECONDS)
            _log.error("control ended; it is started again", code=code, pause_s=pause_s)
            time.sleep(pause_s)
            life += 1

    def _live_once(self, life: int) -> int:
        self._process = subprocess.Popen(  # noqa: S603 - a command of our own making
            [*COMMAND, *self._arguments(life)], pass_fds=self._fds, stdin=subprocess.DEVNULL, start_new_session=True
        )
        if self._stopping:
            self._process.terminate()
        return self._process.wait()

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        if self._process is not None:
            self._process.send_signal(number)
