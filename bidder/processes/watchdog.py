"""The parent of control: it holds the ports and the state directory, and starts control again whenever it ends badly.

It does little else, so that there is little to go wrong in it. Connections of the web port wait in the queue of its
socket while control is away. When the watchdog itself is gone, control ends at once: the leash, a pipe, tells it.

Control says by another pipe that it serves. Such a life was not in vain, so the one after it comes at once; and its
process is started then and there, to have its code loaded by the time it is needed.

SIGHUP ends it in order where a terminal hangs up. Elsewhere it is what asks a server to read its configuration again,
which is read whenever it changes, so nothing happens.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

import structlog

COMMAND = (sys.executable, "-m", "bidder.processes.control_process")
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
ATTEMPTS = 5
"""A control process that failed so often, and never served, will not."""

FINAL = frozenset({0, 2})
"""Exit codes of a first life that another one would not better: ended in order, or cannot serve at all."""

Told = Callable[[int, int], str]
"""What a control process has to know, in one line: given the number of its life and the pipe by which it answers."""

_log = structlog.get_logger()


class Life:
    """A control process. It waits for its line, and ends where none comes."""

    def __init__(self, number: int, fds: Sequence[int]) -> None:
        """`fds` are handed down. Raises `OSError`."""
        self.number = number
        heard_fd, self._ready_fd = os.pipe()
        self._heard = os.fdopen(heard_fd, "rb")
        try:
            self.process = subprocess.Popen(  # noqa: S603 - a command of our own making
                [*COMMAND, str(number)],
                pass_fds=[*fds, self._ready_fd],
                stdin=subprocess.PIPE,
                process_group=0,
            )
        except OSError:
            self._heard.close()
            raise
        finally:
            os.close(self._ready_fd)

    def begin(self, told: Told) -> None:
        """Have it serve."""
        with suppress(BrokenPipeError):  # it is gone already, and its exit code says so
            self._tell(told(self.number, self._ready_fd).encode() + b"\n")

    def serves(self) -> bool:
        """Waits until all its workers answer, or it is gone."""
        return self._heard.read(1) != b""

    def end(self) -> int:
        """Waits for the end; the exit code."""
        self._heard.close()
        return self.process.wait()

    def dismiss(self) -> None:
        """It is not needed after all."""
        self._tell(b"")
        self.end()

    def _tell(self, line: bytes) -> None:
        assert self.process.stdin is not None  # noqa: S101 - it is a pipe
        with self.process.stdin as pipe:
            pipe.write(line)


class Watchdog:
    """Keeps control alive until it is told to stop."""

    def __init__(self, told: Told, fds: Sequence[int]) -> None:
        """`fds` are handed down."""
        self._told = told
        self._fds = fds
        self._process: subprocess.Popen[bytes] | None = None
        self._coming: Life | None = None
        self._stopping = False

    def run(self) -> int:
        """Returns the exit code of the last control process, as a shell would tell it."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._pass_on)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` has it
            signal.signal(signal.SIGHUP, self._end if sys.stderr.isatty() else _go_on)
        life, in_vain, ever_served = Life(1, self._fds), 0, False
        while True:
            code, served = self._live(life)
            ever_served, in_vain = ever_served or served, 0 if served else in_vain + 1
            hopeless = not ever_served and code > 0 and in_vain >= ATTEMPTS
            if self._stopping or hopeless or (life.number == 1 and code in FINAL) or code == 0:
                if self._coming is not None:
                    self._coming.dismiss()
                return code if code >= 0 else 128 - code
            pause_s = min(FIRST_PAUSE_SECONDS * 2**in_vain, LONGEST_PAUSE_SECONDS)
            _log.error("control ended; it is started again", code=code, pause_s=pause_s)
            time.sleep(pause_s)
            life, self._coming = self._coming or self._next(life.number + 1), None

    def _live(self, life: Life) -> tuple[int, bool]:
        """A life to its end: its exit code, and whether it ever served; where it did, another one waits to follow."""
        self._process = life.process
        life.begin(self._told)
        if self._stopping:
            life.process.terminate()
        served = life.serves()
        if served:
            self._coming = self._follower(life)
        return life.end(), served

    def _next(self, number: int) -> Life:
        """A life, as soon as the system has a process for it."""
        while True:
            try:
                return Life(number, self._fds)
            except OSError as error:
                _log.error("control cannot be started; it is tried again", error=str(error))
                time.sleep(LONGEST_PAUSE_SECONDS)

    def _follower(self, life: Life) -> Life | None:
        try:
            return Life(life.number + 1, self._fds)
        except OSError as error:  # it is tried again when it is needed
            _log.warning("no process waits to follow control", error=str(error))
            return None

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._stopping = True
        if self._process is not None:
            self._process.send_signal(number)

    def _end(self, _: int, frame: FrameType | None) -> None:
        self._pass_on(signal.SIGTERM, frame)


def _go_on(_: int, __: FrameType | None) -> None:
    _log.info("nothing to do on SIGHUP: what is saved in the configuration directory goes live by itself")
