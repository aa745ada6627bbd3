"""What is told of a model that the settings name and the store does not have."""

from pathlib import Path

from bidder.config.schema import Models
from bidder.processes.model_checking import Checking
from bidder.processes.model_finder import Finder, Found, Wish
from bidder.processes.model_shelf import Shelf
from bidder.processes.refusals import Refusals


async def test_a_named_model_without_a_version_is_told_with_the_place_where_it_was_looked_for(tmp_path: Path) -> None:
    refusals = Refusals(lambda: 0.0)
    finder = Finder(Checking(), Shelf(tmp_path / "state"), refusals)
    found = await finder.find(Wish("ctr", "click", Models(store=str(tmp_path / "nowhere"), click="ctr")), None)
    assert found == Found()
    (reason,) = refusals.standing["ctr"].reasons
    assert reason == (
        f"{tmp_path / 'nowhere' / 'ctr'} has no version: what predicted before, a model or the fixed probability, "
        "goes on until one is there"
    )
