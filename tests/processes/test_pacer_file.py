"""The file of what pacing has learned: whole or not at all, and never in the way of a start."""

from pathlib import Path

import pytest

from bidder.pacing.exchanges import Watched
from bidder.processes.pacer_file import Kept, UnusableError, load, save
from tests.pacing.paced import at, campaign
from tests.pacing.test_line import Live, spent


def kept() -> Kept:
    live = Live(campaign())
    spent(live, at(10), at(10, 1))
    assert live.line.memory is not None
    return Kept({"spring": live.line.memory}, {"adx": Watched().saw(3, at(10)).saw(4, at(10) + 60)})


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    save(tmp_path / "pacing", kept())
    assert load(tmp_path / "pacing") == kept()
    assert [path.name for path in tmp_path.iterdir()] == ["pacing"]


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert load(tmp_path / "pacing") == Kept()


@pytest.mark.parametrize("left", [0, 1, 40, -1])
def test_a_torn_file_is_told(left: int, tmp_path: Path) -> None:
    save(tmp_path / "pacing", kept())
    data = (tmp_path / "pacing").read_bytes()
    (tmp_path / "pacing").write_bytes(data[:left])
    with pytest.raises(UnusableError, match="pacing"):
        load(tmp_path / "pacing")


def test_a_file_of_another_version_is_told(tmp_path: Path) -> None:
    save(tmp_path / "pacing", kept())
    data = (tmp_path / "pacing").read_bytes()
    (tmp_path / "pacing").write_bytes(data.replace(b"PACING 2", b"PACING 1"))
    with pytest.raises(UnusableError, match="PACING 2"):
        load(tmp_path / "pacing")
