"""Edits go live as a whole, or are refused as a whole and the old configuration stays."""

from hashlib import sha256
from pathlib import Path

import pytest

from bidder.config.live import Live
from bidder.config.schema import Config
from bidder.config.templates import init
from bidder.events.schema import Edit
from bidder.ledger.slots import NoSlotError
from bidder.processes import reload as module
from bidder.processes.reload import Reloader
from bidder.processes.status import status_of
from bidder.processes.worker_link import RefusedError, WorkerLostError

CHANGED = frozenset({"bidder.toml"})


class World:
    """A directory, what is published, and the time."""

    def __init__(self, directory: Path) -> None:
        init(directory, "minimal")
        self.directory = directory
        self.now_s = 100.0
        self.published: list[tuple[str, int]] = []
        self.failures: list[Exception] = []
        self.recorded: list[Edit] = []
        self.reloader = Reloader(Live(directory, self.now_s), self._publish, lambda: self.now_s, self.recorded.append)

    def edit(self, text: str) -> None:
        (self.directory / "bidder.toml").write_text(text)

    async def saved(self, text: str) -> None:
        """Edit, a second later, and have it taken in."""
        self.now_s += 1
        self.edit(text)
        await self.reloader.take_in(CHANGED)

    async def _publish(self, config: Config, generation: int) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.published.append((config.digest, generation))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "ATTEMPT_SECONDS", 0.0)
    return World(tmp_path / "config")


async def test_an_edit_goes_live_with_the_next_number(world: World) -> None:
    first = world.reloader.config.digest
    await world.saved("[server]\ndrain_seconds = 3\n")
    assert world.reloader.config.bidder.server.drain_seconds == 3
    assert world.published == [(world.reloader.config.digest, 2)]
    assert world.reloader.config.digest != first
    assert (world.reloader.generation, world.reloader.since, world.reloader.reloads) == (2, 101.0, 1)


async def test_an_edit_is_recorded_key_by_key_with_the_hash_of_its_file(world: World) -> None:
    await world.saved("[server]\ndrain_seconds = 3\n")
    (edit,) = [each for each in world.recorded if each.key == "server.drain_seconds"]
    assert (edit.before, edit.after, edit.file, edit.at_ms, edit.generation) == ("10", "3", "bidder.toml", 101_000, 2)
    assert edit.file_hash == sha256(b"[server]\ndrain_seconds = 3\n").hexdigest()
    assert edit.config == world.reloader.config.digest


async def test_an_edit_with_mistakes_is_refused_with_file_and_line_and_the_old_one_stays(world: World) -> None:
    before = world.reloader.config
    await world.saved("[server]\n\ndrain_seconds = 0\n")
    assert world.reloader.config == before
    assert world.published == []
    assert world.reloader.rejected is not None
    (problem,) = world.reloader.rejected.problems
    assert (problem.file, problem.line, problem.key, problem.found) == ("bidder.toml", 3, "server.drain_seconds", "0")
    assert problem.text.startswith("bidder.toml:3: server.drain_seconds: ")
    assert (world.reloader.rejections, world.reloader.rejected.at) == (1, 101.0)


async def test_a_mistake_that_is_taken_back_is_forgotten_and_nothing_is_published(world: World) -> None:
    good = (world.directory / "bidder.toml").read_text()
    await world.saved("[server\n")
    assert world.reloader.rejected is not None
    await world.saved(good)
    assert world.reloader.rejected is None
    assert (world.published, world.reloader.generation, world.reloader.rejections) == ([], 1, 1)


@pytest.mark.parametrize("failure", [RefusedError("no room in worker 1"), NoSlotError("5 new campaigns, 3 slots")])
async def test_what_the_workers_refuse_is_not_live_and_may_be_tried_again(world: World, failure: Exception) -> None:
    before = world.reloader.config
    world.failures = [failure]
    await world.saved("[server]\ndrain_seconds = 3\n")
    assert (world.reloader.config, world.reloader.generation) == (before, 1)
    assert world.reloader.rejected is not None
    assert [problem.text for problem in world.reloader.rejected.problems] == [str(failure)]
    assert list(world.reloader.history) == []
    await world.reloader.take_in(CHANGED)
    assert world.reloader.config.bidder.server.drain_seconds == 3
    assert world.reloader.rejected is None
    assert world.published == [(world.reloader.config.digest, 3)]


async def test_a_worker_that_ended_meanwhile_does_not_cost_the_edit(world: World) -> None:
    world.failures = [WorkerLostError("worker 0 ended"), WorkerLostError("worker 0 ended")]
    await world.saved("[server]\ndrain_seconds = 3\n")
    assert world.published == [(world.reloader.config.digest, 4)]
    assert (world.reloader.generation, world.reloader.rejections) == (4, 0)


async def test_workers_that_end_every_time_are_a_refusal(world: World) -> None:
    world.failures = [WorkerLostError("worker 0 ended")] * module.ATTEMPTS
    await world.saved("[server]\ndrain_seconds = 3\n")
    assert world.reloader.generation == 1
    assert world.reloader.rejected is not None


async def test_the_status_tells_what_is_live_since_when_and_why_the_last_edit_is_not(world: World) -> None:
    await world.saved("[server]\ndrain_seconds = 3\n")
    await world.saved("[server]\ndrain_seconds = 'x'\n")
    status = status_of("config", world.reloader)
    assert (status.generation, status.since, status.digest) == (2, 101.0, world.reloader.config.digest)
    assert (status.reloads, status.rejections) == (1, 1)
    assert status.rejected is not None
    assert status.rejected.at == 102.0
    assert [str(change) for each in status.history for change in each.changes] != []
