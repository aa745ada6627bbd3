"""The control process, started by the watchdog as `python -m bidder.processes.control_process LIFE`.

It loads its code and waits: what it has to know comes as a line on standard input once it is needed, or never.
"""

import asyncio
import signal
import sys
from contextlib import closing
from typing import Final

import uvloop

from bidder.clock import wall_s
from bidder.config.live import Live
from bidder.config.mistake import ConfigError
from bidder.config.watch import changes
from bidder.events.recorder import RecordError
from bidder.events.segment import WriterBusyError
from bidder.ledger.store import StoreError
from bidder.processes.control import Control
from bidder.processes.given import Given
from bidder.processes.handover import last_good
from bidder.processes.logs import configure_logs
from bidder.processes.machine import usable_cores, workers_for, yield_to_workers
from bidder.processes.places import Places
from bidder.processes.settings import HandedDown
from bidder.processes.state import State, StateError
from bidder.processes.supervisor import StartError
from bidder.processes.tls import TlsError, tls_context
from bidder.processes.worker_link import begin

STOPPED: Final = 0
UNWRITTEN: Final = 1
UNUSABLE: Final = 2
"""Exit codes: drained after a signal; drained, but the last of it could not be written; cannot serve with these
arguments, this configuration or this machine."""


def run(handed: HandedDown) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    try:
        uvloop.run(_serve(handed))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n{handed.settings.config}: {error.counted}; nothing is served\n")
    except (StateError, StartError, StoreError, TlsError, WriterBusyError) as error:
        sys.stderr.write(f"bidder serve: {error}\n")
    except RecordError as error:
        sys.stderr.write(f"bidder serve: {error}\n")
        return UNWRITTEN
    else:
        return STOPPED
    return UNUSABLE


async def _serve(handed: HandedDown) -> None:
    """Raises `ConfigError`, `StateError`, `StartError`, `StoreError`, `TlsError`, `WriterBusyError`."""
    settings, state = handed.settings, State(handed.settings.state, held=True)
    edits = changes(settings.config)
    # After a restart a mistake in the directory is an edit that is refused, as it was before.
    live = Live(settings.config, wall_s(), (lambda: last_good(state.generations())) if handed.life > 1 else None)
    tls_context(live.config.bidder.server)  # workers make their own: this one only tells whether they can
    with closing(Places.handed_down(settings.host, handed.bid_fd, handed.web_fd)) as places:
        configure_logs("control")
        workers = settings.workers or live.config.bidder.server.workers or workers_for(usable_cores())
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        begun = [await begin() for _ in range(workers)]  # they load their code while the book is rebuilt
        yield_to_workers()
        given = Given(
            settings=settings,
            workers=workers,
            begun=begun,
            stopping=stopping,
            live=live,
            edits=edits,
            state=state,
            places=places,
            leash=handed.leash_fd,
            ready=handed.ready_fd,
            greets=handed.life == 1,
        )
        with state.told():
            control = Control(given)
        await control.run()


if __name__ == "__main__":
    told = sys.stdin.readline()
    sys.exit(run(HandedDown.read(told)) if told else STOPPED)
