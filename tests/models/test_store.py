"""Versions are written whole and never change; pointers move atomically and tell what they hold."""

import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import pointers
from models.check import load
from models.errors import RefusedError, StoreError
from models.manifest import MANIFEST, MODEL
from models.pointers import Canary
from models.store import Store
from models.train import Trained
from tests.models.build import stored


def test_a_version_is_found_and_loads(store: Store) -> None:
    assert store.names() == ["ctr"]
    assert store.versions("ctr") == ["1"]
    assert store.load("ctr", "1").name == "ctr:1"


def test_versions_are_in_the_order_of_their_numbers(store: Store, version: Trained) -> None:
    for number in ("10", "9", "beta"):
        store.add("ctr", number, version.files)
    assert store.versions("ctr") == ["1", "9", "10", "beta"]
    assert store.next_version("ctr") == "11"


def test_a_version_that_exists_is_not_written_again(store: Store, version: Trained) -> None:
    with pytest.raises(StoreError, match="exists already, versions never change"):
        store.add("ctr", "1", version.files)
    assert load(store.directory("ctr", "1"))


def test_a_version_that_would_be_refused_is_never_there(tmp_path: Path, version: Trained) -> None:
    store = Store(tmp_path)
    with pytest.raises(RefusedError):
        store.add("ctr", "1", {**version.files, MODEL: b""})
    assert store.versions("ctr") == []
    assert list(tmp_path.glob("ctr/.*")) == []


def test_a_version_that_another_program_adds_meanwhile_takes_a_number_and_ours_the_next(
    tmp_path: Path, version: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    numbers = Store.next_version

    def overtaken(self: Store, name: str) -> str:
        number = numbers(self, name)
        if self is store and number == "1":
            other.add(name, number, version.files)
        return number

    monkeypatch.setattr(Store, "next_version", overtaken)
    assert store.add_next("ctr", version.files).name == "2"
    assert store.versions("ctr") == ["1", "2"]


def test_a_disk_that_is_full_leaves_nothing_behind_and_is_said(
    tmp_path: Path, version: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="ctr/1 cannot be written: No space left on device"):
        Store(tmp_path).add_next("ctr", version.files)
    assert list((tmp_path / "ctr").iterdir()) == []


def test_a_store_that_cannot_be_there_is_said(tmp_path: Path, version: Trained) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreError, match="store/ctr/1 cannot be written: Not a directory"):
        Store(tmp_path / "store").add("ctr", "1", version.files)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "x" * 65, "champion", "canary"])
def test_names_that_could_lead_elsewhere_name_nothing(store: Store, version: Trained, name: str) -> None:
    with pytest.raises(StoreError):
        store.add(name, "1", version.files)
    with pytest.raises(StoreError):
        store.add("ctr", name, version.files)
    with pytest.raises(StoreError):
        store.directory("ctr", name)


def test_a_model_without_a_version_is_its_champion_else_its_newest(store: Store, version: Trained) -> None:
    store.add("ctr", "2", version.files)
    assert store.resolve("ctr") == ("ctr", "2")
    pointers.promote(store.root / "ctr", "1")
    assert store.resolve("ctr") == ("ctr", "1")
    assert store.resolve("ctr:2") == ("ctr", "2")


@pytest.mark.parametrize(
    ("model", "said"), [("cvr", "has no model cvr, it has ctr"), ("ctr:7", "no version 7, it has 1")]
)
def test_what_is_not_there_is_named_with_what_is(store: Store, model: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        store.resolve(model)


def test_the_manifest_of_a_broken_version_is_refused(store: Store) -> None:
    (store.directory("ctr", "1") / MANIFEST).write_text("{}")
    with pytest.raises(RefusedError, match="manifest"):
        store.manifest("ctr", "1")


# Pointers


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the pointers of a model lie."""
    return tmp_path


def roles(directory: Path) -> dict[str, str | None]:
    return {role: pointers.read(directory, role) for role in pointers.ROLES}


def test_promotion_keeps_the_champion_as_the_previous_version(directory: Path) -> None:
    assert pointers.promote(directory, "1") is None
    assert pointers.promote(directory, "2") == "1"
    assert roles(directory) == {"champion": "2", "previous": "1", "shadow": None, "canary": None}


def test_a_role_that_cannot_be_written_is_said_and_the_pointer_stands(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    pointers.promote(directory, "1")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="roles cannot be changed: No space left on device"):
        pointers.promote(directory, "2")
    assert pointers.read(directory, "champion") == "1"
    assert list(directory.glob(".*")) == []


def test_promoting_the_champion_changes_nothing(directory: Path) -> None:
    for version in ("1", "2", "2"):
        pointers.promote(directory, version)
    assert roles(directory)["previous"] == "1"


def test_promotion_ends_the_other_roles_of_the_version(directory: Path) -> None:
    pointers.point(directory, "shadow", "2")
    pointers.point(directory, "canary", "2", 0.05)
    pointers.promote(directory, "2")
    assert roles(directory) == {"champion": "2", "previous": None, "shadow": None, "canary": None}


def test_rollback_goes_back_once_and_no_further(directory: Path) -> None:
    for version in ("1", "2", "3"):
        pointers.promote(directory, version)
    assert pointers.rollback(directory) == ("3", "2")
    assert roles(directory)["champion"] == "2"
    with pytest.raises(StoreError, match="no previous version to roll back to"):
        pointers.rollback(directory)


def test_a_pointer_that_a_person_wrote_is_read(directory: Path) -> None:
    (directory / "champion").write_text("  7 \n")
    (directory / "canary").write_text("8  12.5 %\n")
    assert pointers.read(directory, "champion") == "7"
    assert pointers.read_canary(directory) == Canary("8", 0.125)


@pytest.mark.parametrize("text", ["", "7 8", "../7", "champion", "\0"])
def test_a_pointer_that_names_no_version_is_an_error(directory: Path, text: str) -> None:
    (directory / "champion").write_text(text)
    with pytest.raises(StoreError, match="expected the name of a version"):
        pointers.read(directory, "champion")


@pytest.mark.parametrize("text", ["8", "8 5", "8 101%", "8 -1%", "8 0%", "8 0.00%", "5%", "8 5% 9"])
def test_a_canary_without_a_share_is_an_error(directory: Path, text: str) -> None:
    (directory / "canary").write_text(text)
    with pytest.raises(StoreError, match="expected a version and a share"):
        pointers.read_canary(directory)


@given(st.floats(0.000001, 1.0))
def test_the_share_of_a_canary_is_read_as_it_was_written_to_the_millionth(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    directory = tmp_path_factory.mktemp("ctr")
    pointers.point(directory, "canary", "4", share)
    assert pointers.read_canary(directory) == Canary("4", pytest.approx(share, abs=6e-7))


@pytest.mark.parametrize("share", [0.0, 1e-9, -0.1, 1.01, float("nan")])
def test_a_share_that_no_canary_can_have_is_not_written(directory: Path, share: float) -> None:
    with pytest.raises(StoreError, match=r"a canary takes from 0\.0001% to 100% of the bids"):
        pointers.point(directory, "canary", "4", share)
    assert not (directory / "canary").exists()


def test_a_pointer_that_cannot_be_read_stands_in_nobodys_way(directory: Path) -> None:
    (directory / "canary").write_text("2 many")
    (directory / "shadow").write_bytes(b"\xff")
    pointers.promote(directory, "1")
    pointers.promote(directory, "3")
    assert pointers.rollback(directory) == ("3", "1")
    assert pointers.roles_of(directory, "1") == ["champion"]
    assert [problem.partition(":")[0] for problem in pointers.problems(directory)] == [
        str(directory / "shadow"), str(directory / "canary")
    ]  # fmt: skip


def test_a_role_is_taken_away(directory: Path) -> None:
    pointers.point(directory, "shadow", "2")
    pointers.clear(directory, "shadow")
    pointers.clear(directory, "shadow")
    assert pointers.read(directory, "shadow") is None


def test_readers_see_the_old_or_the_new_pointer_while_many_write(directory: Path) -> None:
    pointers.promote(directory, "1")
    seen: set[str | None] = set()
    done = threading.Event()

    def write(start: int) -> None:
        for number in range(start, 60, 2):
            pointers.promote(directory, str(number))

    def read() -> None:
        while not done.is_set():
            seen.add(pointers.read(directory, "champion"))

    writers = [threading.Thread(target=write, args=(start,)) for start in (2, 3)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert seen <= {str(number) for number in range(1, 60)}
    assert {*roles(directory).values()} - {None} <= {str(number) for number in range(1, 60)}
    assert not [name for name in os.listdir(directory) if name.startswith(".")]


def test_the_same_version_may_be_stored_anywhere(tmp_path: Path, version: Trained) -> None:
    one, two = (stored(tmp_path / name, version).directory("ctr", "1") for name in "ab")
    assert {file.name: file.read_bytes() for file in one.iterdir()} == {
        file.name: file.read_bytes() for file in two.iterdir()
    }
