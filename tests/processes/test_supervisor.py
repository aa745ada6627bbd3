"""Workers are kept alive, and move from one configuration to the next together or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bidder.processes import supervisor as module
from bidder.processes.messages import Markup, Report, WorkerCounts, WorkerGauges
from bidder.processes.supervisor import Generation, StartError, Supervisor
from bidder.processes.worker_link import RefusedError, WorkerLink, WorkerLostError
from tests.processes.fake_worker import Pool

FIRST, SECOND = Generation(1, Path("1.config")), Generation(2, Path("2.config"))

kept: list[Markup] = []


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.0)


@asynccontextmanager
async def supervised(pool: Pool, workers: int = 3) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(workers, pool.spawn, FIRST, kept.append)
    running = asyncio.ensure_future(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.drain(0, 0)
        await running


async def until(condition: Callable[[], bool]) -> None:
    """Lets the loop run until something is so."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def until_serving(supervisor: Supervisor, workers: int) -> None:
    await until(lambda: supervisor.serving == workers)


async def test_all_workers_start_with_the_first_generation() -> None:
    pool = Pool()
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        assert pool.live == [1, 1, 1]
        assert supervisor.restarts == 0


async def test_a_generation_goes_live_in_all_workers() -> None:
    pool = Pool()
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        await supervisor.roll_out(SECOND)
        assert pool.live == [2, 2, 2]
        assert supervisor.live == SECOND


async def test_where_one_worker_cannot_load_it_none_goes_live_and_all_forget_it() -> None:
    pool = Pool()
    pool.refuses = {(1, 2)}
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        with pytest.raises(RefusedError, match="too much of a good thing"):
            await supervisor.roll_out(SECOND)
        await supervisor.roll_out(Generation(3, Path("3.config")))
        assert pool.live == [3, 3, 3]
        assert [fake.dropped for fake in pool.lives] == [[2], [2], [2]]
        assert supervisor.restarts == 0


async def test_where_a_worker_ends_while_loading_none_goes_live_and_it_comes_back_with_the_old_one() -> None:
    pool = Pool()
    pool.dies_loading = {(2, 2)}
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        with pytest.raises(WorkerLostError):
            await supervisor.roll_out(SECOND)
        await until_serving(supervisor, 3)
        assert pool.live == [1, 1, 1]
        assert supervisor.restarts == 1
        await supervisor.roll_out(Generation(3, Path("3.config")))
        assert pool.live == [3, 3, 3]


async def test_a_worker_that_takes_for_ever_to_load_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool()
    pool.hangs = {(0, 2)}
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        monkeypatch.setattr(module, "LOAD_SECONDS", 0.01)
        with pytest.raises(RefusedError, match="took more than"):
            await supervisor.roll_out(SECOND)
        assert pool.live == [1, 1, 1]


async def test_a_worker_that_ends_is_started_again_with_what_is_live_now() -> None:
    pool = Pool()
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()
        await supervisor.roll_out(SECOND)
        pool.latest[1].kill()
        await until_serving(supervisor, 2)
        await until_serving(supervisor, 3)
        assert pool.live == [2, 2, 2]
        assert (supervisor.restarts, len(pool.lives)) == (1, 4)


async def test_nothing_is_rolled_out_while_there_is_no_worker_to_try_it() -> None:
    with pytest.raises(WorkerLostError):
        await Supervisor(1, Pool().spawn, FIRST, kept.append).roll_out(SECOND)


async def test_a_worker_that_is_silent_too_long_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidder.processes.worker_link.SILENT_SECONDS", 0.02)
    pool = Pool()
    async with supervised(pool, workers=1) as supervisor:
        await supervisor.all_serving()
        silent = pool.latest[0]
        assert await silent.wait() == -9
        monkeypatch.setattr("bidder.processes.worker_link.SILENT_SECONDS", 60)
        await until_serving(supervisor, 1)


async def test_a_worker_is_not_taken_for_silent_where_it_was_control_that_stood_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bidder.processes.worker_link.SILENT_SECONDS", 0.3)
    pool = Pool()
    async with supervised(pool, workers=1) as supervisor:
        await supervisor.all_serving()
        worker = pool.latest[0]
        for _ in range(3):
            time.sleep(0.4)  # noqa: ASYNC251 - control stands still
            await asyncio.sleep(0.05)
            worker.say(Report(WorkerCounts(), WorkerGauges()))
        assert (supervisor.restarts, pool.latest[0]) == (0, worker)


async def test_a_worker_for_which_the_system_has_no_process_is_tried_again() -> None:
    class Short(Pool):
        tries = 0

        async def spawn(self, worker: int) -> WorkerLink:
            self.tries += 1
            if self.tries <= 2:
                raise BlockingIOError("no more processes")
            return await super().spawn(worker)

    async with supervised(Short(), workers=1) as supervisor:
        await supervisor.all_serving()
        assert supervisor.restarts == 2


async def test_what_a_worker_counted_is_kept_when_it_ends() -> None:
    pool = Pool()
    async with supervised(pool, workers=1) as supervisor:
        await supervisor.all_serving()
        for lives, (opened, total) in enumerate([(5, 5), (7, 12)]):
            counts = WorkerCounts()
            counts.connections.opened = opened
            pool.latest[0].say(Report(counts, WorkerGauges()))
            await until(lambda expected=total: supervisor.numbers[0].counts.connections.opened == expected)
            pool.latest[0].kill()
            await until(lambda expected=lives + 1: supervisor.restarts == expected and supervisor.serving == 1)
        assert supervisor.numbers[0].counts.connections.opened == 12


async def test_markup_that_a_worker_sends_is_kept() -> None:
    pool = Pool()
    async with supervised(pool, workers=1) as supervisor:
        await supervisor.all_serving()
        pool.latest[0].say(Markup(7, 100, "<b>"))
        await until(lambda: Markup(7, 100, "<b>") in kept)


async def test_the_start_fails_where_a_worker_refuses_the_first_generation() -> None:
    pool = Pool()
    pool.refuses = {(0, 1)}
    async with supervised(pool) as supervisor:
        with pytest.raises(StartError, match="too much of a good thing"):
            await supervisor.all_serving()


async def test_the_start_survives_a_worker_that_ends_once_and_fails_where_it_always_ends() -> None:
    pool = Pool()
    pool.dies_loading = {(1, 1)}
    async with supervised(pool) as supervisor:
        await supervisor.all_serving()

    class Doomed(Pool):
        async def spawn(self, worker: int) -> module.WorkerLink:
            self.dies_loading.add((worker, 1))
            return await super().spawn(worker)

    async with supervised(Doomed(), workers=1) as supervisor:
        with pytest.raises(StartError, match="worker 0 ended 5 times, at last with code 1"):
            await supervisor.all_serving()


async def test_draining_tells_every_worker_how_long_it_has_and_ends_when_they_have() -> None:
    pool = Pool()
    supervisor = Supervisor(3, pool.spawn, FIRST, kept.append)
    running = asyncio.ensure_future(supervisor.run())
    await supervisor.all_serving()
    supervisor.drain(0.5, 4.0)
    await running
    drained = [fake.drained for fake in pool.lives]
    assert [(each.grace_s, each.seconds) for each in drained if each] == [(0.5, 4.0)] * 3
    assert (supervisor.restarts, supervisor.pids) == (0, {})


async def test_killing_ends_all_workers_whatever_they_do() -> None:
    pool = Pool()
    pool.hangs = {(0, 1), (1, 1)}
    supervisor = Supervisor(2, pool.spawn, FIRST, kept.append)
    running = asyncio.ensure_future(supervisor.run())
    await until(lambda: len(supervisor.pids) == 2)
    supervisor.kill()
    await running
    assert [await fake.wait() for fake in pool.lives] == [-9, -9]
