"""Which versions an edit goes live with, while the checks of those that it names take long, or end badly."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from bidder.config.schema import ModelLimits, Models
from bidder.processes import model_checking
from bidder.processes.lineup import Lineup, Version
from bidder.processes.model_checking import Checking
from bidder.processes.model_keeper import Keeper, with_conversions
from bidder.processes.model_shelf import Shelf
from bidder.processes.verdict import Verdict
from models.manifest import MANIFEST, Outcome, fingerprint
from models.store import Store
from tests.processes.model_store import add_constant


class Gated(Checking):
    """Finds the versions of `bad` wrong and the others fine, those of `slow` once the gate is open."""

    def __init__(self, slow: str = "", bad: str = "") -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self._slow, self._bad = slow, bad

    async def _ask(self, directory: Path, limits: ModelLimits) -> Verdict:  # noqa: ARG002
        if directory.parent.name == self._slow:
            await self.gate.wait()
        if directory.parent.name == self._bad:
            return Verdict(("it is bad",))
        return Verdict((), fingerprint((directory / MANIFEST).read_bytes()), "click")


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written just before count as whole."""
    monkeypatch.setattr(model_checking, "SETTLING_NS", 0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one version of `old` and two of `new`, of which the second is to be tried."""
    store = Store(tmp_path / "store")
    add_constant(store, "1", 100, "old")
    add_constant(store, "1", 50, "new")
    add_constant(store, "2", 25, "new")
    (store.root / "new" / "champion").write_text("1\n")
    (store.root / "new" / "canary").write_text("2 5%\n")
    return store


def keeper_of(store: Store, checking: Checking) -> Keeper:
    return Keeper(checking, Shelf(store.root.parent / "state"), lambda: 0.0)


async def with_old_one_live(store: Store, checking: Checking) -> tuple[Keeper, Models]:
    """A keeper whose live model is `old:1`, and the settings after an edit that names `new` in its place."""
    keeper, models = keeper_of(store, checking), Models(store=str(store.root), click="old")
    await keeper.went_live(await keeper.wanted(models))
    assert labels(keeper.lineup) == {"click": "old:1"}
    return keeper, replace(models, click="new")


def labels(lineup: Lineup) -> Mapping[Outcome, str]:
    return {outcome: version.label for outcome, version in lineup.champions.items()}


async def test_an_edit_that_names_another_model_is_live_with_the_old_one_until_the_other_is_checked(
    store: Store,
) -> None:
    checking = Gated(slow="new")
    keeper, models = await with_old_one_live(store, checking)
    lineup = await keeper.wanted(models, patience_s=0)
    await keeper.went_live(lineup)
    assert labels(lineup) == {"click": "old:1"}
    assert not lineup.canaries, "a canary is tried beside its own champion only"
    assert "new:1" in keeper.awaited
    checking.gate.set()
    lineup = await keeper.wanted(models)
    assert labels(lineup) == {"click": "new:1"}
    assert lineup.canaries["click"].version.label == "new:2"
    assert not keeper.awaited


async def test_where_no_model_answered_the_fixed_probability_stands_and_the_one_that_is_checked_is_told(
    store: Store,
) -> None:
    keeper = keeper_of(store, Gated(slow="new"))
    assert labels(await keeper.wanted(Models(store=str(store.root), click="new"), patience_s=0)) == {}
    assert "new:1" in keeper.awaited


async def test_the_old_model_goes_on_where_the_other_is_refused_and_after_a_restart_too(store: Store) -> None:
    keeper, models = await with_old_one_live(store, Gated(bad="new"))
    lineup = await keeper.wanted(models)
    assert labels(lineup) == {"click": "old:1"}
    assert keeper.refusals.standing["new:1"].reasons == ("it is bad",)
    again = keeper_of(store, Gated(bad="new"))
    assert labels(await again.wanted(models)) == {"click": "old:1"}


async def test_a_model_that_is_named_no_more_answers_no_more(store: Store) -> None:
    keeper, models = await with_old_one_live(store, Gated(slow="new"))
    await keeper.went_live(await keeper.wanted(replace(models, click=None), patience_s=0))
    assert labels(keeper.lineup) == {}
    assert labels(await keeper.wanted(models, patience_s=0)) == {}, "what answered some edits ago does not come back"


CLICK, DIRECT, AFTER_CLICK = (Version(name, "1", "", "") for name in ("ctr", "cvr", "pcc"))


@pytest.mark.parametrize(
    ("models", "before", "found", "expected"),
    [
        (
            Models(click="ctr", conversion_after_click="pcc"),
            {"conversion": DIRECT},
            {"click": CLICK},
            {"click": CLICK, "conversion": DIRECT},
        ),
        (
            Models(conversion="cvr"),
            {"click": CLICK, "conversion_after_click": AFTER_CLICK},
            {},
            {"click": CLICK, "conversion_after_click": AFTER_CLICK},
        ),
        (Models(conversion="cvr"), {"click": CLICK}, {"conversion": DIRECT}, {"conversion": DIRECT}),
        (Models(), {"conversion": DIRECT}, {}, {}),
    ],
    ids=["from direct to a product", "from a product to direct", "all may serve", "conversions are fixed from here on"],
)
def test_what_predicted_conversions_goes_on_until_what_the_settings_name_instead_may_serve(
    models: Models,
    before: Mapping[Outcome, Version],
    found: Mapping[Outcome, Version],
    expected: Mapping[Outcome, Version],
) -> None:
    assert with_conversions(found, models, before) == expected
