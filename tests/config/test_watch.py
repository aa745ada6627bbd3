"""Edits are noticed: by the system's notifications, and by looking where there are none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bidder.config import watch
from tests.config.broken_edits import SOUND, write

BOUND_S = 20


async def next_of(changes: AsyncIterator[frozenset[str]]) -> frozenset[str]:
    return await asyncio.wait_for(anext(changes), BOUND_S)


async def test_a_saved_file_is_noticed_by_name(tmp_path: Path) -> None:
    changes = watch.changes(write(tmp_path, SOUND), poll_s=0.2)
    (tmp_path / "bidder.toml").write_text("")
    assert await next_of(changes) == {"bidder.toml"}


async def test_an_edit_between_the_call_and_the_first_look_is_not_lost(tmp_path: Path) -> None:
    changes = watch.changes(write(tmp_path, SOUND), poll_s=0.2)
    (tmp_path / "exchanges/new.toml").touch()
    assert await next_of(changes) == {"exchanges/new.toml"}


async def test_added_removed_and_replaced_files_are_noticed_one_after_the_other(tmp_path: Path) -> None:
    changes = watch.changes(write(tmp_path, SOUND), poll_s=0.2)
    (tmp_path / "campaigns/new.toml").touch()
    assert await next_of(changes) == {"campaigns/new.toml"}
    (tmp_path / "campaigns/new.toml").unlink()
    assert await next_of(changes) == {"campaigns/new.toml"}
    (tmp_path / "draft").write_text(SOUND["bidder.toml"])
    (tmp_path / "draft").rename(tmp_path / "bidder.toml")
    assert await next_of(changes) == {"bidder.toml"}


async def test_without_notifications_looking_alone_finds_edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_watches_left(*_arguments: object, **_options: object) -> AsyncIterator[None]:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watch, "awatch", no_watches_left)
    changes = watch.changes(write(tmp_path, SOUND), poll_s=0.01)
    (tmp_path / "bidder.toml").write_text("")
    assert await next_of(changes) == {"bidder.toml"}
    (tmp_path / "bidder.toml").unlink()
    assert await next_of(changes) == {"bidder.toml"}


def test_files_that_are_no_part_of_the_configuration_are_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {"campaigns/.other.toml.swp": "", "notes.toml": ""})
    assert {*watch.snapshot(tmp_path)} == {*SOUND}
