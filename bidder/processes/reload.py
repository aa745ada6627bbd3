"""Edits of the configuration directory: checked, compiled by all workers, live; or refused as a whole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import structlog
from msgspec import Struct

from bidder.clock import Clock
from bidder.config.live import Accepted, Live
from bidder.config.mistake import Mistake
from bidder.config.schema import Config
from bidder.events.schema import Edit
from bidder.ledger.slots import NoSlotError
from bidder.processes.edits import edits_of
from bidder.processes.worker_link import RefusedError, WorkerLostError

ATTEMPTS = 5
ATTEMPT_SECONDS = 1.0
"""Between attempts, where a worker ended in the middle of one."""

Publish = Callable[[Config, int], Awaitable[None]]
"""Makes a configuration live everywhere, as the generation of that number.

Raises `RefusedError` or `NoSlotError` where it cannot be, `WorkerLostError` where it may be another time.
"""

Record = Callable[[Edit], None]

_log = structlog.get_logger()


class Problem(Struct, frozen=True):
    """Why an edit was refused; file, line and key are empty where it is not one place in a file."""

    text: str
    file: str = ""
    line: int = 0
    key: str = ""
    rule: str = ""
    found: str = ""


class Rejection(Struct, frozen=True):
    """An edit that did not go live. `at` is Unix time in seconds."""

    at: float
    problems: tuple[Problem, ...]


class Reloader:
    """Follows the edits of a directory; what it says is live is live in all workers."""

    def __init__(self, live: Live, publish: Publish, clock: Clock, record: Record = lambda _: None) -> None:
        """`live` holds the first configuration, which is generation 1; `record` takes what later ones changed."""
        self.config = live.config
        self.generation = 1
        self.since = live.since
        self.reloads = 0
        self.rejections = 0
        self.rejected: Rejection | None = None
        """The edit that the directory holds now, if it was refused."""
        self._live = live
        self._publish = publish
        self._clock = clock
        self._record = record
        self._attempted = 1
        if live.rejected is not None:
            self._refuse(map(_problem, live.rejected.mistakes))

    @property
    def history(self) -> Iterable[Accepted]:
        """The last accepted edits, the newest last."""
        return self._live.history

    async def follow(self, edits: AsyncIterator[frozenset[str]]) -> None:
        """Take in edit after edit."""
        async for files in edits:
            await self.take_in(files)

    async def take_in(self, files: frozenset[str]) -> None:
        """Make the directory live as it is now, or say why not."""
        before = self._live.config, self._live.since
        config = await asyncio.to_thread(self._live.reload, self._clock())
        if config is not None:
            try:
                number = await self._publish_patiently(config)
            except (RefusedError, NoSlotError, WorkerLostError) as error:
                self._live.config, self._live.since = before
                self._live.history.pop()
                self._refuse([Problem(str(error))])
            else:
                self._accept(config, files, number)
        elif self._live.rejected is not None:
            self._refuse(map(_problem, self._live.rejected.mistakes))
        else:
            self.rejected = None

    def next_number(self) -> int:
        """A number that no generation had."""
        self._attempted += 1
        return self._attempted

    async def _publish_patiently(self, config: Config) -> int:
        """Try again where a worker ended, for a reason that may have nothing to do with the edit. Its generation."""
        attempts_left = ATTEMPTS
        while True:
            attempts_left -= 1
            number = self.next_number()
            try:
                await self._publish(config, number)
            except WorkerLostError:
                if not attempts_left:
                    raise
                await asyncio.sleep(ATTEMPT_SECONDS)
            else:
                return number

    def _accept(self, config: Config, files: frozenset[str], number: int) -> None:
        self.config, self.generation, self.since = config, number, self._clock()
        self.reloads += 1
        self.rejected = None
        for edit in edits_of(self._live.history[-1], number):
            self._record(edit)
        _log.info("an edit is live", generation=self.generation, digest=config.digest, files=sorted(files))

    def _refuse(self, problems: Iterable[Problem]) -> None:
        self.rejections += 1
        self.rejected = Rejection(self._clock(), tuple(problems))
        texts = [problem.text for problem in self.rejected.problems]
        _log.error("an edit was refused; the configuration before it stays live", problems=texts)


def _problem(mistake: Mistake) -> Problem:
    return Problem(str(mistake), mistake.file, mistake.line, mistake.key, mistake.rule, mistake.found)
