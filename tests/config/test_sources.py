"""Files are read again where they may have changed, and only there."""

import os
from pathlib import Path

import pytest

from bidder.config import sources
from bidder.config.sources import SETTLED_NS, Sources, listed
from tests.config.broken_edits import SOUND, write


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    found: list[str] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: found.append(path.name) or real(path))
    return found


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write(tmp_path, SOUND)


def later(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Turn the clock on until all files are settled."""
    stamps = [stamp for stamp in listed(directory).values() if stamp is not None]
    newest = max(max(stamp.written_ns, stamp.changed_ns) for stamp in stamps)
    monkeypatch.setattr(sources, "time_ns", lambda: newest + SETTLED_NS + 1)


def test_settled_files_that_are_as_they_were_are_read_once(
    directory: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, directory)
    reader = Sources(directory)
    first, _ = reader.read()
    second, _ = reader.read()
    assert second == first
    assert sorted(reads) == sorted(Path(name).name for name in SOUND)


def test_a_file_that_was_just_changed_is_read_again_since_another_change_may_not_show(
    directory: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, directory)
    (directory / "bidder.toml").write_text("")
    changed = listed(directory)["bidder.toml"]
    assert changed is not None
    monkeypatch.setattr(sources, "time_ns", lambda: changed.changed_ns + SETTLED_NS)
    reader = Sources(directory)
    reader.read()
    reads.clear()
    reader.read()
    assert "bidder.toml" in reads


def test_an_edit_that_keeps_size_and_time_of_a_file_is_seen(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, directory)
    path = directory / "bidder.toml"
    text, stat = path.read_text(), path.stat()
    reader = Sources(directory)
    reader.read()
    path.write_text("#" * len(text))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (found,) = [source for source in reader.read()[0] if source.name == "bidder.toml"]
    assert found.data == b"#" * len(text)


def test_a_file_that_takes_the_place_of_another_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, directory)
    reader = Sources(directory)
    reader.read()
    (directory / "aside").write_text("# other\n")
    (directory / "aside").rename(directory / "bidder.toml")
    assert reader.read()[0][0].data == b"# other\n"


def test_a_file_that_cannot_be_read_is_a_mistake_of_its_own(directory: Path) -> None:
    (directory / "campaigns" / "gone.toml").symlink_to(directory / "nowhere")
    (directory / "campaigns" / "folder.toml").mkdir()
    found, mistakes = Sources(directory).read()
    assert len(found) == len(SOUND)
    assert [mistake.file for mistake in mistakes] == ["campaigns/folder.toml", "campaigns/gone.toml"]


def test_files_come_in_the_order_of_their_names(directory: Path) -> None:
    for name in ("b", "a", "c"):
        (directory / "campaigns" / f"{name}.toml").touch()
    names = [source.name for source in Sources(directory).read()[0]]
    assert names == ["bidder.toml", *sorted(names[1:])]
