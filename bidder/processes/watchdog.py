"""The parent of control: it holds the ports and the state directory, and starts control again whenever it ends badly.

It does nothing else, so that there is little to go wrong in it. Connections of the web port wait in the queue of its
socket while control is away. When the watchdog itself is gone, control ends at once: the leash, a pipe, tells it. By
another pipe control says that it serves: one that did was not started in vain, and the next one comes at once.
"""

import os
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
ATTEMPTS = 5
"""A control process that failed so often, and never served, will not."""

FINAL = frozenset({0, 2})
"""Exit codes of a first life that another one would not better: ended in order, or cannot serve at all."""

_log = structlog.get_logger()


class Watchdog:
    """Keeps control alive until it is told to stop."""

    def __init__(self, arguments: Callable[[int, int], Sequence[str]], fds: Sequence[int]) -> None:
        """`arguments` are those of a life, from 1 on, given its end of the pipe to tell by; `fds` are handed down."""
        self._arguments = arguments
        self._fds = fds
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """Returns the exit code of the last control process, as a shell would tell it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._pass_on)
        life, in_vain, ever_served = 1, 0, False
        while True:
            code, served = self._live_once(life)
            ever_served, in_vain = ever_served or served, 0 if served else in_vain + 1
            hopeless = not ever_served and code > 0 and in_vain >= ATTEMPTS
            if self._stopping or hopeless or (life == 1 and code in FINAL) or code == 0:
                return code if code >= 0 else 128 - code
            pause_s = min(FIRST_PAUSE_SECONDS * 2**in_vain, LONGEST_PAUSE_SECONDS)
            _log.error("control ended; it is started again", code=code, pause_s=pause_s)
            time.sleep(pause_s)
            life += 1

    def _live_once(self, life: int) -> tuple[int, bool]:
        """One control process from start to end: its exit code, and whether it ever served."""
        heard_fd, told_fd = os.pipe()
        with os.fdopen(heard_fd, "rb") as heard:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - a command of our own making
                    [*COMMAND, *self._arguments(life, told_fd)],
                    pass_fds=[*self._fds, told_fd],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            finally:
                os.close(told_fd)
            if self._stopping:
                self._process.terminate()
            code = self._process.wait()
            return code, heard.read() != b""

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        if self._process is not None:
            self._process.send_signal(number)
