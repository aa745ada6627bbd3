"""One life of a worker as control sees it: its process, its socket, what it answers."""

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Callable
from typing import Protocol

from bidder.processes.appraisal import Sample
from bidder.processes.machine import give_precedence
from bidder.processes.messages import (
    Drain,
    Drop,
    Flip,
    Flipped,
    FromWorker,
    Load,
    Loaded,
    Markup,
    Pipe,
    Refused,
    Report,
    Start,
    ToWorker,
    control_end,
)

SILENT_SECONDS = 15.0
"""A worker that reports nothing for this long does not answer requests either."""

LOOKS = 3
"""How often is looked in that time: where it was control that stood still, a later look finds reports."""

COMMAND = (sys.executable, "-m", "bidder.processes.worker")


class WorkerLostError(Exception):
    """The worker ended before it answered."""


class RefusedError(Exception):
    """A worker cannot make a configuration live; the message says why."""


class WorkerProcess(Protocol):
    """What is needed of `asyncio.subprocess.Process`."""

    @property
    def pid(self) -> int: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class WorkerLink:
    """A worker process and the conversation with it."""

    def __init__(self, worker: int, process: WorkerProcess, pipe: Pipe[ToWorker, FromWorker]) -> None:
        self.worker = worker
        self._process = process
        self._pipe = pipe
        self._answers: dict[tuple[type[Loaded | Flipped], int], asyncio.Future[None]] = {}
        self._lost = False
        self._heard = 0
        """Messages so far."""

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    async def listen(
        self,
        report: Callable[[Report], None],
        keep: Callable[[Markup], None],
        sample: Callable[[Sample], None] = lambda _: None,
    ) -> None:
        """Take in what the worker says until it is gone, or silent for too long."""
        watching = asyncio.ensure_future(self._hang_up_when_silent())
        try:
            while (message := await self._pipe.receive()) is not None:
                self._heard += 1
                match message:
                    case Loaded(generation) | Flipped(generation):
                        self._answered(type(message), generation, None)
                    case Refused(generation, why):
                        self._answered(Loaded, generation, RefusedError(why))
                    case Report():
                        report(message)
                    case Markup():
                        keep(message)
                    case Sample():
                        sample(message)
        finally:
            watching.cancel()
        self._lost = True
        for kind, generation in list(self._answers):
            self._answered(kind, generation, WorkerLostError(f"worker {self.worker} ended"))

    async def _hang_up_when_silent(self) -> None:
        looks = 0
        while looks < LOOKS:
            before = self._heard
            await asyncio.sleep(SILENT_SECONDS / LOOKS)
            looks = looks + 1 if self._heard == before else 0
        self._pipe.close()

    async def load(self, load: Load) -> None:
        """Have a generation compiled aside. Raises `RefusedError`, `WorkerLostError`."""
        await self._asked(load, Loaded)

    async def flip(self, generation: int) -> None:
        """Have a loaded generation go live. Raises `WorkerLostError`."""
        await self._asked(Flip(generation), Flipped)

    def drop(self, generation: int) -> None:
        """Have a loaded generation forgotten."""
        self._pipe.send(Drop(generation))

    def drain(self, grace_s: float, seconds: float) -> None:
        """Tell it to end."""
        self._pipe.send(Drain(grace_s, seconds))

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> int:
        """Wait for the end of the process; its exit code, negative where a signal ended it."""
        code = await self._process.wait()
        self._pipe.close()
        return code

    async def _asked(self, message: Load | Flip, answer: type[Loaded | Flipped]) -> None:
        if self._lost:
            raise WorkerLostError(f"worker {self.worker} ended")
        waiting = asyncio.get_running_loop().create_future()
        self._answers[answer, message.generation] = waiting
        self._pipe.send(message)
        await waiting

    def _answered(self, kind: type[Loaded | Flipped], generation: int, error: Exception | None) -> None:
        waiting = self._answers.pop((kind, generation), None)
        if waiting is None or waiting.done():
            return
        if error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)


class Begun:
    """A worker process that gets ready and waits to be told what it is; it ends when it never is."""

    def __init__(self, process: WorkerProcess, pipe: Pipe[ToWorker, FromWorker]) -> None:
        self._process = process
        self._pipe = pipe

    def start(self, start: Start) -> WorkerLink:
        """Tell it."""
        self._pipe.send(start)
        return WorkerLink(start.worker, self._process, self._pipe)


async def begin() -> Begun:
    """Start a worker process. Signals of the terminal do not reach it. Raises `OSError`."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, str(theirs.fileno()), pass_fds=[theirs.fileno()], stdin=DEVNULL
        )
    give_precedence(process.pid)
    return Begun(process, await control_end(ours))
