"""What scores requests, made of the versions of a lineup."""

import gc
from pathlib import Path
from weakref import WeakValueDictionary

from bidder.auction.choice import Always, Choice
from bidder.auction.score import Tally
from bidder.config.schema import Prediction
from bidder.processes.lineup import Lineup, Version
from bidder.processes.predictors import Loaded, choice_of
from models.manifest import MANIFEST, fingerprint

STORE = Path(__file__).parents[2] / "models/artifacts"


def version(name: str) -> Version:
    directory = STORE / name / "1"
    return Version(name, "1", str(directory), fingerprint((directory / MANIFEST).read_bytes()))


CLICK, CONVERSION = version("demo-ctr"), version("demo-cvr")


def choice(loaded: Loaded, *, conversion: bool = True) -> Choice:
    champions = {"click": CLICK} | ({"conversion_after_click": CONVERSION} if conversion else {})
    tallies: dict[str, Tally] = {}
    return choice_of(Lineup(champions=champions), Prediction(), tallies, loaded)  # type: ignore[arg-type]


def test_a_version_that_is_live_is_not_loaded_again() -> None:
    loaded: Loaded = WeakValueDictionary()
    live = choice(loaded)
    at_hand = dict(loaded)
    following = choice(loaded)
    assert isinstance(live, Always)
    assert isinstance(following, Always)
    assert set(at_hand) == {CLICK, CONVERSION}
    assert all(loaded[each] is model for each, model in at_hand.items())


def test_a_version_that_nothing_predicts_with_any_more_is_let_go() -> None:
    loaded: Loaded = WeakValueDictionary()
    live = choice(loaded)
    following = choice(loaded, conversion=False)
    del live
    gc.collect()
    assert isinstance(following, Always)
    assert set(loaded) == {CLICK}
