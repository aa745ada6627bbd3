"""The configuration on its way to the workers, and ready in one."""

import gc
import stat
import weakref
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bidder.auction.compile import compile_snapshot
from bidder.auction.pace import Purse
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.config.load import load
from bidder.config.schema import Config
from bidder.config.templates import TEMPLATES, init
from bidder.domain.ticket import Signer
from bidder.pacing.purse import OpenPurse
from bidder.processes.compile import WorkerContext, brain_of, public_url, went_live
from bidder.processes.generations import compile_aside
from bidder.processes.handover import Packer, read
from bidder.processes.lineup import Lineup
from bidder.processes.messages import Load
from bidder.processes.predictors import choice_of
from bidder.processes.treasury import campaigns

NOW_S = 1_790_000_000.0


def template(name: str, directory: Path) -> Config:
    init(directory / name, name, 40)  # type: ignore[arg-type]
    return load(directory / name)


def slots_of(config: Config) -> dict[str, int]:
    return {each.id: slot for slot, each in enumerate(campaigns(config))}


def context(purse: Purse | None = None) -> WorkerContext:
    return WorkerContext(
        0,
        purse or OpenPurse(),
        Signer([b"a secret of the test"]),
        lambda _: None,
        FunnelCounts(),
        lambda _: None,
        1,
        "http://web:1",
        {},
    )


def packed(config: Config, path: Path, slots: dict[str, int] | None = None) -> Path:
    Packer().write(path, config, slots_of(config) if slots is None else slots)
    return path


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_worker_reads_is_what_control_checked(name: str, tmp_path: Path) -> None:
    config = template(name, tmp_path)
    handed = read(packed(config, tmp_path / "1.config"))
    assert handed.config == replace(config, advertisers=(), files=())
    assert [[each.campaign for each in parcel.open()] for parcel in handed.parcels] == [
        list(advertiser.campaigns) for advertiser in config.advertisers
    ]
    placed = [each for parcel in handed.parcels for each in parcel.open()]
    assert {each.campaign.id: each.slot for each in placed} == slots_of(config)
    assert [each.advertiser for each in placed] == [
        advertiser.advertiser for advertiser in config.advertisers for _ in advertiser.campaigns
    ]


def test_a_parcel_is_named_by_what_is_in_it_campaigns_and_places(tmp_path: Path) -> None:
    config = template("bench", tmp_path)
    slots = slots_of(config)
    (before,) = read(packed(config, tmp_path / "1.config")).parcels
    (same,) = read(packed(config, tmp_path / "2.config")).parcels
    (moved,) = read(packed(config, tmp_path / "3.config", {**slots, "c000007": 4711})).parcels
    assert before.digest == same.digest != moved.digest


def test_a_packer_that_packs_again_writes_the_same_file_as_one_that_begins(tmp_path: Path) -> None:
    first, second = template("demo", tmp_path), template("bench", tmp_path)
    both = replace(second, advertisers=(*first.advertisers[:2], *second.advertisers))
    packer = Packer()
    packer.write(tmp_path / "1.config", first, slots_of(first))
    packer.write(tmp_path / "2.config", both, slots_of(both))
    assert (tmp_path / "2.config").read_bytes() == packed(both, tmp_path / "3.config").read_bytes()


def test_only_the_owner_can_read_it_since_it_may_hold_secrets(tmp_path: Path) -> None:
    path = packed(template("minimal", tmp_path), tmp_path / "1.config")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.new")) == []


def compiled(config: Config) -> DecidingBrain:
    predictors = choice_of(Lineup(), config.bidder.prediction, {}, {})
    return brain_of(config, compile_snapshot(config, predictors.ceiling), predictors, context())


async def test_a_generation_is_compiled_aside_with_the_slot_of_each_campaign(tmp_path: Path) -> None:
    config = template("demo", tmp_path)
    slots = {name: 100 + slot for name, slot in slots_of(config).items()}
    path = packed(config, tmp_path / "7.config", slots)
    generation = await compile_aside(Load(7, str(path)), None, context())
    assert (generation.load.generation, generation.config) == (7, replace(config, advertisers=(), files=()))
    assert generation.slots == set(slots.values())
    assert {line.id: line.slot for line in generation.brain.engine.snapshot.lines} == slots


async def test_a_file_that_cannot_be_read_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await compile_aside(Load(1, str(tmp_path / "absent")), None, context())


async def test_compiling_leaves_collector_and_threads_as_they_were(tmp_path: Path) -> None:
    config = template("minimal", tmp_path)
    packed(config, tmp_path / "1.config")
    for path in (tmp_path / "1.config", tmp_path / "absent"):
        with pytest.MonkeyPatch.context() as patch:
            switched: list[float] = []
            patch.setattr("sys.setswitchinterval", switched.append)
            await _compiled_or_not(path)
        assert gc.isenabled()
        assert switched[0] < switched[-1]
    gc.unfreeze()


async def _compiled_or_not(path: Path) -> None:
    try:
        await compile_aside(Load(1, str(path)), None, context())
    except FileNotFoundError:
        return


def test_a_configuration_that_was_replaced_is_freed_without_the_collector(tmp_path: Path) -> None:
    config = template("demo", tmp_path)
    gc.disable()
    try:
        brain = compiled(config)
        brain.tick(NOW_S)
        brain.answer("demo", b'{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250}}]}', NOW_S, NOW_S)
        parts: list[weakref.ref[Any]] = [
            weakref.ref(brain),
            weakref.ref(brain.engine),
            weakref.ref(brain.engine.snapshot),
        ]
        del brain
        assert [part() for part in parts] == [None, None, None]
    finally:
        gc.enable()


def test_the_record_of_a_generation_names_the_campaigns_in_their_dense_order(tmp_path: Path) -> None:
    config = template("demo", tmp_path)
    brain = compiled(config)
    record = went_live(3, brain, NOW_S)
    assert record.generation == 3
    assert record.config == config.digest
    assert record.campaigns == [line.id for line in brain.engine.snapshot.lines]


def test_urls_lead_to_the_web_port_where_nothing_else_is_configured(tmp_path: Path) -> None:
    config = template("minimal", tmp_path)
    assert public_url(config, "http://127.0.0.1:4711") == "http://127.0.0.1:4711"
    bidder_toml = tmp_path / "minimal" / "bidder.toml"
    bidder_toml.write_text('[server]\npublic_url = "https://bid.example"\n')
    assert public_url(load(tmp_path / "minimal"), "http://127.0.0.1:4711") == "https://bid.example"
