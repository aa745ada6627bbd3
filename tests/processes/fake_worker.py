"""A worker without a process: it speaks the messages, and does as a test says."""

import asyncio
import socket

from bidder.processes.messages import (
    Drain,
    Drop,
    Flip,
    Flipped,
    FromWorker,
    Load,
    Loaded,
    Pipe,
    Refused,
    Start,
    ToWorker,
    control_end,
    worker_end,
)
from bidder.processes.worker_link import WorkerLink


class FakeWorker:
    """One life of a worker; also stands for its process."""

    def __init__(self, pool: "Pool", worker: int, pipe: Pipe[FromWorker, ToWorker]) -> None:
        self.pid = 1000 + worker
        self.worker = worker
        self.live = 0
        self.dropped: list[int] = []
        self.drained: Drain | None = None
        self._pool = pool
        self._pipe = pipe
        self._code = asyncio.get_running_loop().create_future()
        self._obeying = asyncio.ensure_future(self._obey())

    def kill(self) -> None:
        self._end(-9)

    async def wait(self) -> int:
        return int(await self._code)

    def say(self, message: FromWorker) -> None:
        self._pipe.send(message)

    def _end(self, code: int) -> None:
        if not self._code.done():
            self._code.set_result(code)
            self._pipe.close()
            self._obeying.cancel()

    async def _obey(self) -> None:
        while True:
            match await self._pipe.receive():
                case Load(generation=generation):
                    await self._load(generation)
                case Flip(generation):
                    self.live = generation
                    self._pipe.send(Flipped(generation))
                case Drop(generation):
                    self.dropped.append(generation)
                case Drain() as drain:
                    self.drained = drain
                    self._end(0)
                    return
                case Start():
                    continue
                case None:
                    return

    async def _load(self, generation: int) -> None:
        script = self._pool
        if (self.worker, generation) in script.refuses:
            self._pipe.send(Refused(generation, "too much of a good thing"))
        elif (self.worker, generation) in script.dies_loading:
            script.dies_loading.discard((self.worker, generation))
            self._end(1)
        elif (self.worker, generation) not in script.hangs:
            self._pipe.send(Loaded(generation))


class Pool:
    """Spawns fake workers and knows the latest life of each."""

    def __init__(self) -> None:
        self.refuses: set[tuple[int, int]] = set()
        """Worker and generation."""
        self.dies_loading: set[tuple[int, int]] = set()
        """Worker and generation; once each."""
        self.hangs: set[tuple[int, int]] = set()
        self.lives: list[FakeWorker] = []

    async def spawn(self, worker: int) -> WorkerLink:
        ours, theirs = socket.socketpair()
        fake = FakeWorker(self, worker, await worker_end(theirs))
        self.lives.append(fake)
        return WorkerLink(worker, fake, await control_end(ours))

    @property
    def live(self) -> list[int]:
        """The generation that each worker answers with."""
        return [fake.live for fake in sorted(self.latest.values(), key=lambda fake: fake.worker)]

    @property
    def latest(self) -> dict[int, FakeWorker]:
        """The present life of each worker."""
        return {fake.worker: fake for fake in self.lives}
