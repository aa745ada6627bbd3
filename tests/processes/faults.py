"""Faults of disks and clocks in a running bidder, by a library preloaded into all its processes (`faults.c`)."""

import ctypes
import mmap
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

CELLS, CLOCK, FIRST_TARGET, TARGET_CELLS = 64, 0, 8, 8
ERRORS, DELAYS_MS, HITS = 0, 2, 4
FOR_EVER_MS = 10**9


class Target(IntEnum):
    """What is written."""

    LOG = 0
    """The write-ahead log of the ledger."""
    LEDGER = 1
    """The file that the log is folded into, now and then."""
    SEGMENTS = 2
    """Records of workers and control."""


class Call(IntEnum):
    """How."""

    WRITE = 0
    SYNC = 1


class Faults:
    """What goes wrong in the processes that have this environment."""

    def __init__(self, directory: Path) -> None:
        """Skips the test where there is no C compiler."""
        page = directory / "faults"
        page.write_bytes(bytes(CELLS * ctypes.sizeof(ctypes.c_int64)))
        self.environment = {"LD_PRELOAD": str(_library()), "FAULTS_PAGE": str(page)}
        with page.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")

    @contextmanager
    def failing(self, target: Target, call: Call, error: int) -> Iterator[None]:
        """Each such call ends in this `errno`."""
        with self._set(_cell(target, ERRORS, call), error):
            yield

    @contextmanager
    def slow(self, target: Target, call: Call, delay_ms: int = FOR_EVER_MS) -> Iterator[None]:
        """Each such call takes so long, or as long as this lasts."""
        with self._set(_cell(target, DELAYS_MS, call), delay_ms):
            yield

    @contextmanager
    def clock_ahead(self, seconds: int) -> Iterator[None]:
        """The time of day is another one; what measures durations is not touched."""
        with self._set(CLOCK, seconds):
            yield

    def hits(self, target: Target, call: Call) -> int:
        """How many calls have met with a fault so far."""
        return self._cells[_cell(target, HITS, call)]

    @contextmanager
    def _set(self, cell: int, value: int) -> Iterator[None]:
        before, self._cells[cell] = self._cells[cell], value
        try:
            yield
        finally:
            self._cells[cell] = before


def _cell(target: Target, what: int, call: Call) -> int:
    return FIRST_TARGET + target * TARGET_CELLS + what + call


@cache
def _library() -> Path:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        pytest.skip("faults of disks and clocks need a C compiler (cc, or CC=...): they are preloaded into the bidder")
    source = Path(__file__).with_name("faults.c")
    made = Path(mkdtemp()) / "faults.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made
