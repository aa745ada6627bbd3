"""Verdicts on versions, for those who cannot wait and for those who can."""

import asyncio
from pathlib import Path

import pytest

from bidder.config.schema import ModelLimits
from bidder.processes import model_checking
from bidder.processes.model_checking import Checking
from bidder.processes.verdict import Verdict

LIMITS = ModelLimits()
FINE = Verdict((), "fingerprint", "click")


class Gated(Checking):
    """Finds every version fine once its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def _ask(self, directory: Path, limits: ModelLimits) -> Verdict:  # noqa: ARG002
        await self.gate.wait()
        return FINE


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written just before count as whole."""
    monkeypatch.setattr(model_checking, "SETTLING_NS", 0)


async def test_a_check_that_takes_long_goes_on_while_others_go_about_their_work(tmp_path: Path) -> None:
    checking = Gated()
    assert await checking.verdict(tmp_path, LIMITS, patience_s=0) is None
    assert await checking.verdict(tmp_path, LIMITS, patience_s=0) is None
    checking.gate.set()
    assert await checking.verdict(tmp_path, LIMITS) == FINE
    assert checking.checks == 1, "three asked, and it was looked at once"


async def test_what_is_live_stands_while_the_same_files_are_checked_by_other_limits(tmp_path: Path) -> None:
    checking = Gated()
    checking.gate.set()
    await checking.verdict(tmp_path, LIMITS)
    checking.gate.clear()
    assert await checking.verdict(tmp_path, ModelLimits(trees=7), patience_s=0) == FINE
    (tmp_path / "model.txt").write_text("other files")
    assert await checking.verdict(tmp_path, LIMITS, patience_s=0) is None


async def test_who_waits_hears_of_the_files_as_they_are_in_the_end(tmp_path: Path) -> None:
    checking = Gated()
    assert await checking.verdict(tmp_path, LIMITS, patience_s=0) is None
    (tmp_path / "model.txt").write_text("written meanwhile")
    waiting = asyncio.ensure_future(checking.verdict(tmp_path, LIMITS))
    checking.gate.set()
    assert await waiting == FINE
    assert checking.checks == 2
