"""The board: a memory-mapped file of 64-bit cells by which control and workers know each other's numbers.

Every cell has one writer, and money only grows, so that neither side locks or waits. An aligned cell is read and
written whole. The file lies in the state directory and outlives every process, in the byte order of the machine.

    header       magic, version, workers, slots, stats, generation, heartbeat of control, epoch,
                 boot, longest hold, safe lines of the journal, wall clock at the heartbeat, how far it was
                 ahead of the machine's at the least, 0 ...                                                  control
    heartbeat[w]  loaded[w]                                                                        worker
    throttle[c]  multiplier[c]  name[c]                                                            control
    granted[w][c]  expired[w][c]  recalled[w][c]                                                   control
    bid[w][c]  returned[w][c]  written[w][c]  short[w][c]  stats[w][k]                             worker

A campaign has one slot `c` (`slots.Slots`). `granted`, `bid`, `returned` and `written` count all micros since the board
was made; what a worker gives back it counts as bid and as returned, so that the question "may I spend?" reads two
cells. `written` are the bids whose records stand in the worker's segments: `bid - returned - written` are bids that
nobody can name once the worker is gone; `expired` are those of them that are over. `short` counts the bids that a
worker could not pay for, `recalled` how often control asked for what lies unused. A board serves one life of control
(`epoch`) and of the machine (`boot`). The side of a worker is `purse.Purse`.
"""

import mmap
import os
import sys
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path

from msgspec import Struct

PPB = 1_000_000_000
"""Throttles and multipliers are parts per billion."""

NAME_BYTES = 64
_CELL = 8
_HEADER_CELLS = 16
_MAGIC = int.from_bytes(b"BIDBOARD", sys.byteorder, signed=True)
_VERSION = 3


class WrongBoardError(Exception):
    """The file is not a board, or not one of the wanted shape."""


class Shape(Struct, frozen=True):
    """How many workers, campaign slots, and counters for each worker a board has."""

    workers: int
    slots: int
    stats: int

    def sections(self) -> Iterator[slice]:
        """Where each section lies, in cells."""
        names = self.slots * NAME_BYTES // _CELL
        grids = [self.workers * self.slots] * 7
        stats = self.workers * self.stats
        sizes = (_HEADER_CELLS, self.workers, self.workers, self.slots, self.slots, names, *grids, stats)
        ends = accumulate(sizes, initial=0)
        return (slice(start, end) for start, end in pairwise(ends))

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        last = [*self.sections()][-1]
        return int(last.stop) * _CELL


class Board:
    """The mapped file. Cells are `memoryview`s of signed integers, grids are one `memoryview` for each worker."""

    def __init__(self, cells: memoryview, shape: Shape) -> None:
        self.shape = shape
        self._cells = cells
        parts = [cells[part] for part in shape.sections()]
        self._header, self.heartbeats_ms, self.loaded, self.throttle_ppb, self.multiplier_ppb = parts[:5]
        self.names = parts[5].cast("B")
        self.granted = _rows(parts[6], shape.workers)
        self.bid = _rows(parts[7], shape.workers)
        self.returned = _rows(parts[8], shape.workers)
        self.written = _rows(parts[9], shape.workers)
        self.expired = _rows(parts[10], shape.workers)
        self.recalled = _rows(parts[11], shape.workers)
        self.short = _rows(parts[12], shape.workers)
        self.stats = _rows(parts[13], shape.workers)

    @classmethod
    def create(cls, path: Path, shape: Shape) -> "Board":
        """A new board in the place of what was there, which processes that mapped it keep. Raises `OSError`."""
        if min(shape.workers, shape.slots) < 1 or shape.stats < 0:
            raise ValueError(f"a board has at least one worker and one slot, found {shape}")
        aside = path.with_suffix(".new")
        with aside.open("w+b") as file:
            os.posix_fallocate(file.fileno(), 0, shape.size_bytes)  # a page without a place on disk ends its writer
            board = cls(_mapped(file.fileno()), shape)
            board._header[:5] = memoryview(_heading(shape)).cast("B").cast("q")
            for slot in range(shape.slots):
                board.throttle_ppb[slot] = board.multiplier_ppb[slot] = PPB
        aside.replace(path)
        return board

    @classmethod
    def open(cls, path: Path, shape: Shape) -> "Board":
        """The board that stands there. Raises `WrongBoardError` for any other file or shape, `OSError`."""
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            if size != shape.size_bytes:
                raise WrongBoardError(f"{path}: a board of {shape} has {shape.size_bytes} bytes, found {size}")
            cells = _mapped(file.fileno())
        found = cells[:5].tobytes()
        if found != _heading(shape):
            raise WrongBoardError(f"{path}: not a board of version {_VERSION} and {shape}, found {found.hex()}")
        return cls(cells, shape)

    @classmethod
    def found(cls, path: Path) -> "Board | None":
        """The board that stands there, of whatever shape; None where there is no readable one. Raises `OSError`."""
        try:
            head = memoryview(path.read_bytes()[: 5 * _CELL].ljust(5 * _CELL, b"\0")).cast("q")
            shape = Shape(workers=head[2], slots=head[3], stats=head[4])
            return cls.open(path, shape) if min(shape.workers, shape.slots) > 0 <= shape.stats else None
        except (FileNotFoundError, WrongBoardError):
            return None

    def copied(self) -> "Board":
        """As it stands at this moment; the copy does not go on."""
        return Board(memoryview(self._cells.tobytes()).cast("q"), self.shape)

    @property
    def epoch(self) -> int:
        """The life of control that this board serves."""
        return self._header[7]

    @property
    def boot(self) -> int:
        """What tells one life of the machine from another: a board of an earlier one may be older than it looks."""
        return self._header[8]

    def mark(self, epoch: int, boot: int) -> None:
        """Say which lives this board belongs to."""
        self._header[7], self._header[8] = epoch, boot

    @property
    def longest_s(self) -> int:
        """The longest that a bid of this life may be open."""
        return self._header[9]

    @longest_s.setter
    def longest_s(self, seconds: int) -> None:
        self._header[9] = seconds

    @property
    def safe_lines(self) -> int:
        """How many lines of the journal were safe on disk at the least."""
        return self._header[10]

    def witness(self, lines: int) -> None:
        """So many lines of the journal are safe: a ledger that has fewer has lost some."""
        self._header[10] = lines

    def slot_names(self) -> list[str]:
        """The campaign of each slot; "" for a free one."""
        names = bytes(self.names)
        return [
            names[start : start + NAME_BYTES].rstrip(b"\0").decode(errors="replace")
            for start in range(0, len(names), NAME_BYTES)
        ]

    def slots_by_name(self) -> dict[str, int]:
        """The slot of each campaign."""
        return {name: slot for slot, name in enumerate(self.slot_names()) if name}

    def unrecorded(self, worker: int, slot: int) -> int:
        """What a worker bid for a campaign beyond the records it has written, and may yet be billed."""
        told = self.returned[worker][slot] + self.written[worker][slot] + self.expired[worker][slot]
        return self.bid[worker][slot] - told

    @property
    def generation(self) -> int:
        """The configuration that all workers use, or are to load."""
        return self._header[5]

    @generation.setter
    def generation(self, generation: int) -> None:
        self._header[5] = generation

    @property
    def control_beat_ms(self) -> int:
        """When control last said that it is alive."""
        return self._header[6]

    @control_beat_ms.setter
    def control_beat_ms(self, now_ms: int) -> None:
        self._header[6] = now_ms

    @property
    def control_wall_ms(self) -> int:
        """What the wall clock said then: it may have jumped, which the clock of heartbeats does not."""
        return self._header[11]

    @control_wall_ms.setter
    def control_wall_ms(self, now_ms: int) -> None:
        self._header[11] = now_ms

    @property
    def wall_ahead_ms(self) -> int:
        """How far the wall clock was, at the least, ahead of that of the machine, which never jumps; 0: unknown."""
        return self._header[12]

    @wall_ahead_ms.setter
    def wall_ahead_ms(self, ahead_ms: int) -> None:
        self._header[12] = ahead_ms

    def grant(self, worker: int, slot: int, micros: int) -> None:
        """Let a worker bid so much more for a campaign; the book has set it aside."""
        self.granted[worker][slot] += micros

    def recall(self, worker: int, slot: int) -> None:
        """Ask a worker for what it has in hand for a campaign."""
        self.recalled[worker][slot] += 1

    def unspent(self, slot: int) -> int:
        """What all workers may still bid for a campaign."""
        return sum(granted[slot] - bid[slot] for granted, bid in zip(self.granted, self.bid, strict=True))


def _heading(shape: Shape) -> bytes:
    cells = (_MAGIC, _VERSION, shape.workers, shape.slots, shape.stats)
    return b"".join(cell.to_bytes(_CELL, sys.byteorder, signed=True) for cell in cells)


def _mapped(fd: int) -> memoryview:
    return memoryview(mmap.mmap(fd, 0)).cast("q")


def _rows(cells: memoryview, workers: int) -> list[memoryview]:
    length = len(cells) // workers
    return [cells[worker * length : (worker + 1) * length] for worker in range(workers)]
