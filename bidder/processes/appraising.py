"""The appraiser as control sees it: told what is live and what happened, as much as it can take, and asked nothing."""

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import DEVNULL, Process

import msgspec
import structlog

from bidder.processes.appraisal import Aftermath, Appraisal, Sample, Stage, ToAppraiser
from bidder.processes.messages import Pipe

COMMAND = (sys.executable, "-m", "bidder.processes.model_appraiser")
MOST_PENDING_BYTES = 4 << 20
"""Beyond, samples are dropped: the appraiser is behind."""

_log = structlog.get_logger()


class Appraising:
    """Keeps the process for as long as there is something to appraise."""

    def __init__(self) -> None:
        self.latest = Appraisal()
        self.samples = 0
        self.dropped = 0
        """Samples that the appraiser had no time for."""
        self._stage: Stage | None = None
        self._process: Process | None = None
        self._pipe: Pipe[ToAppraiser, Appraisal] | None = None
        self._listening: asyncio.Future[None] | None = None

    async def show(self, stage: Stage | None) -> None:
        """What is live now; None: nothing that needs appraising."""
        alive = self._process is not None and self._process.returncode is None
        if stage is None:
            self.kill()
            self._stage, self.latest = None, Appraisal()
        elif stage != self._stage or not alive:
            if not alive:
                await self._start()
            self._stage, self.latest = stage, Appraisal()
            self._send(stage)

    def sample(self, sample: Sample) -> None:
        """A request that was decided on; it is played where there is something to compare."""
        stage = self._stage
        if stage is not None and (stage.shadows or stage.lineup.hurry_ms):
            self.samples += 1
            self._send_if_room(sample)

    def aftermath(self, aftermath: Aftermath) -> None:
        """What became of bids."""
        if self._stage is not None and (aftermath.met or aftermath.shown or aftermath.hits or aftermath.clicked):
            self._send_if_room(aftermath)

    def kill(self) -> None:
        """End the process."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _start(self) -> None:
        if self._process is not None and self._stage is not None:
            _log.error("the appraiser ended; another one is started", code=self._process.returncode)
        if self._pipe is not None:
            self._pipe.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND, str(theirs.fileno()), pass_fds=[theirs.fileno()], stdin=DEVNULL
            )
        self._pipe = Pipe(msgspec.msgpack.Decoder(Appraisal), await asyncio.open_unix_connection(sock=ours))
        self._listening = asyncio.ensure_future(self._listen(self._pipe))

    async def _listen(self, pipe: Pipe[ToAppraiser, Appraisal]) -> None:
        while (found := await pipe.receive()) is not None:
            self.latest = found

    def _send_if_room(self, message: Sample | Aftermath) -> None:
        if self._pipe is not None and self._pipe.pending_bytes < MOST_PENDING_BYTES:
            self._send(message)
        else:
            self.dropped += 1

    def _send(self, message: ToAppraiser) -> None:
        if self._pipe is not None:
            self._pipe.send(message)
