"""A worker goes from one generation to the next: it makes what is new, takes over the rest, and frees what is gone."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from sys import getrefcount
from time import thread_time
from weakref import ref

import pytest
from msgspec.structs import replace

from bidder.auction.line import Line
from bidder.auction.snapshot import Block
from bidder.config.schema import Advertiser, Campaign, Config, Prediction
from bidder.processes import slices
from bidder.processes.generations import Generation, compile_aside, let_go
from bidder.processes.handover import Packer
from bidder.processes.messages import Load
from tests.auction import builders
from tests.auction.builders import campaign
from tests.processes.test_handover import context


def config(*files: Sequence[Campaign], click: str = "0.002") -> Config:
    """A configuration with these campaigns, file by file."""
    made = builders.config()
    advertisers = tuple(Advertiser(advertiser=f"a{place}", campaigns=tuple(some)) for place, some in enumerate(files))
    return replace(
        made, advertisers=advertisers, bidder=replace(made.bidder, prediction=Prediction(click=Decimal(click)))
    )


class World:
    """Control's packer, a worker's context, and what is live."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._packer = Packer()
        self._number = 0
        self.slots: dict[str, int] = {}
        self.live: Generation | None = None

    async def reload(self, config: Config) -> Generation:
        """Make a configuration live."""
        self._number += 1
        for advertiser in config.advertisers:
            for each in advertiser.campaigns:
                self.slots.setdefault(each.id, len(self.slots))
        path = self._directory / f"{self._number}.config"
        self._packer.write(path, config, self.slots)
        self.live = await compile_aside(Load(self._number, str(path)), self.live, context())
        return self.live

    def lines(self) -> dict[str, Line]:
        """The live lines by id."""
        assert self.live is not None
        return {line.id: line for line in self.live.brain.engine.snapshot.lines}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


FIRST = [campaign(id="a"), campaign(id="b")]
SECOND = [campaign(id="c"), campaign(id="d")]


async def test_an_edit_makes_the_lines_of_changed_campaigns_alone(world: World) -> None:
    await world.reload(config(FIRST, SECOND))
    before = world.lines()
    changed = replace(SECOND[0], max_cpm=Decimal(1))
    await world.reload(config(FIRST, [changed, SECOND[1]]))
    after = world.lines()
    assert {name for name in after if after[name] is not before[name]} == {"c"}
    assert after["c"].campaign == changed
    assert after["c"].slot == before["c"].slot


async def test_what_is_removed_is_gone_and_what_is_added_is_there(world: World) -> None:
    await world.reload(config(FIRST, SECOND))
    generation = await world.reload(config(FIRST[1:], SECOND, [campaign(id="e")]))
    assert set(world.lines()) == {"b", "c", "d", "e"}
    assert generation.slots == {world.slots[name] for name in "bcde"}


async def test_a_file_that_changes_hands_makes_its_lines_anew(world: World) -> None:
    await world.reload(config(FIRST, SECOND))
    before = world.lines()
    await world.reload(config(SECOND, FIRST))
    after = world.lines()
    assert after["a"].advertiser == "a1"
    assert after["a"] is not before["a"]


async def test_an_edit_of_settings_shares_all_blocks(world: World) -> None:
    first = await world.reload(config(FIRST, SECOND))
    second = await world.reload(replace(config(FIRST, SECOND), digest="1" * 32))
    assert second.brain.engine.snapshot.blocks == first.brain.engine.snapshot.blocks
    assert second.brain.engine.snapshot.digest == "1" * 32


async def test_a_higher_ceiling_sorts_the_lines_again_but_prepares_nothing_again(world: World) -> None:
    click = campaign(id="click", goal=builders.Goal(type="cpc", amount=Decimal(1)), max_cpm=Decimal(100))
    await world.reload(config([*FIRST, click]))
    assert list(world.lines()) == ["a", "b", "click"]
    before = world.lines()
    await world.reload(config([*FIRST, click], click="0.2"))
    assert list(world.lines()) == ["click", "a", "b"]
    assert world.lines()["click"].creatives is before["click"].creatives
    assert world.lines()["a"] is before["a"]


async def test_blocks_are_told_the_time_before_they_are_live(world: World) -> None:
    paused = campaign(id="paused", enabled=False)
    generation = await world.reload(config([*FIRST, paused]))
    (block,) = generation.brain.engine.snapshot.blocks
    assert block.live.bit_count() == 2


async def test_blocks_that_are_live_are_told_the_time_by_the_event_loop_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.reload(config(FIRST))
    told: list[Block] = []
    monkeypatch.setattr(Block, "refresh", lambda block, _: told.append(block))
    await world.reload(replace(config(FIRST), digest="1" * 32))
    assert told == []


async def test_what_was_replaced_is_freed_and_what_is_shared_stays(world: World) -> None:
    old = await world.reload(config(FIRST, SECOND))
    snapshot = ref(old.brain.engine.snapshot)
    dropped, shared = world.lines()["a"], world.lines()["c"]
    await world.reload(config(FIRST[1:], SECOND))
    replaced = [old]
    del old
    await let_go(replaced)
    assert replaced == []
    assert snapshot() is None
    ours = getrefcount(object()) + 1
    assert getrefcount(dropped) == ours
    assert getrefcount(shared) > ours


async def test_a_thread_that_works_in_slices_rests_several_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    monkeypatch.setattr(slices, "sleep", rested.append)
    worked = await asyncio.to_thread(_work_in_slices, 0.02)
    assert sum(rested) >= worked / 2 * slices.RESTS
    assert min(rested) >= slices.SLICE_SECONDS * slices.RESTS


def _work_in_slices(seconds: float) -> float:
    rest, began_s = slices.Slices(), thread_time()
    while thread_time() - began_s < seconds:
        rest()
    return thread_time() - began_s
