"""The appraiser: scores what nobody waits for, in a process of its own: shadows, drift, and what haste costs.

Started by control as `python -m bidder.processes.model_appraiser FD`. It ends when control is gone.
"""

import asyncio
import os
import signal
import socket
import sys

import msgspec
import structlog
import uvloop

from bidder.clock import monotonic_s
from bidder.ledger.board import WrongBoardError
from bidder.processes.appraisal import Aftermath, Appraisal, Sample, Stage, ToAppraiser
from bidder.processes.logs import configure_logs
from bidder.processes.market import Market
from bidder.processes.messages import Pipe
from bidder.processes.stage import Staged
from models.errors import ModelError

TELL_SECONDS = 2.0

_log = structlog.get_logger()


class Appraiser:
    """What control says, and what was found."""

    def __init__(self, pipe: Pipe[Appraisal, ToAppraiser]) -> None:
        self._pipe = pipe
        self._market = Market()
        self._staged: Staged | None = None
        self._problem = ""
        self._told_s = 0.0

    async def run(self) -> None:
        """Until control is gone."""
        while (message := await self._pipe.receive()) is not None:
            match message:
                case Stage():
                    self._set(message)
                case Sample():
                    if self._staged is not None:
                        self._staged.play(message, self._market)
                case Aftermath():
                    self._take_in(message)
            if monotonic_s() >= self._told_s + TELL_SECONDS:
                self._tell()

    def _set(self, stage: Stage) -> None:
        self._staged, self._problem = None, ""
        try:
            self._staged = Staged(stage)
        except (OSError, msgspec.DecodeError, ModelError, WrongBoardError) as error:
            self._problem = str(error)  # the next stage may do; nothing that answers depends on it
            _log.error("what is live cannot be appraised", error=str(error))

    def _take_in(self, aftermath: Aftermath) -> None:
        for met in aftermath.met:
            self._market.learn(met)
        if self._staged is not None:
            self._staged.take_in(aftermath)

    def _tell(self) -> None:
        self._told_s = monotonic_s()
        found = self._staged.appraisal(self._market) if self._staged is not None else Appraisal(problem=self._problem)
        self._pipe.send(found)


async def _work(fd: int) -> None:
    streams = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    await Appraiser(Pipe(msgspec.msgpack.Decoder(ToAppraiser), streams)).run()


def main() -> None:
    """The process; signals are control's to receive."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(10)
    configure_logs("appraiser")
    uvloop.run(_work(int(sys.argv[1])))


if __name__ == "__main__":
    main()
