"""The state directory."""

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from bidder.processes.state import KEY_BYTES, State, StateError
from tests.events.disk import no_file_longer_than


def test_the_ticket_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    state = State(tmp_path / "new" / "state")
    key = state.ticket_key()
    assert len(key) == KEY_BYTES
    assert state.ticket_key() == key
    assert stat.S_IMODE((state.directory / "ticket.key").stat().st_mode) == 0o600
    state.close()
    assert State(state.directory).ticket_key() == key


def test_two_directories_have_different_keys(tmp_path: Path) -> None:
    assert State(tmp_path / "a").ticket_key() != State(tmp_path / "b").ticket_key()


def test_a_key_that_was_cut_short_is_refused_and_not_replaced(tmp_path: Path) -> None:
    state = State(tmp_path)
    (tmp_path / "ticket.key").write_bytes(b"short")
    with pytest.raises(StateError, match="32 bytes, found 5"):
        state.ticket_key()
    assert (tmp_path / "ticket.key").read_bytes() == b"short"


def test_a_directory_that_another_process_holds_is_refused_until_it_lets_go(tmp_path: Path) -> None:
    first = State(tmp_path)
    with pytest.raises(StateError, match="another bidder uses this directory"):
        State(tmp_path)
    first.close()
    State(tmp_path).close()


def test_a_path_that_cannot_be_a_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    why = r"file/state: cannot be used for --state: Not a directory \(.*/live\); choose another directory$"
    with pytest.raises(StateError, match=why):
        State(tmp_path / "file" / "state")


def test_a_full_disk_is_told_with_the_file_and_what_would_be_right(tmp_path: Path) -> None:
    state = State(tmp_path)
    with (
        pytest.raises(StateError, match=r"cannot be used for --state: File too large; choose another directory$"),
        state.told(),
        no_file_longer_than(0),
    ):
        (tmp_path / "board").write_bytes(b"0")
    why = r": cannot be used for --state: No space left on device \(a file\); make room on its disk, or choose another"
    with pytest.raises(StateError, match=why), state.told():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a file")


def test_a_directory_that_the_watchdog_holds_is_not_made_anew_where_it_was_removed_or_replaced(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    watchdog = State(directory)
    State(directory, held=True)
    directory.rename(tmp_path / "aside")
    for replace in (lambda: None, lambda: State(directory).close()):
        replace()
        with pytest.raises(
            StateError, match=f"^{directory}: it was removed or replaced while the bidder ran; put it back"
        ):
            State(directory, held=True)
    shutil.rmtree(directory)
    (tmp_path / "aside").rename(directory)
    State(directory, held=True)
    watchdog.close()


def test_only_the_live_generation_is_kept(tmp_path: Path) -> None:
    state = State(tmp_path)
    for number in (1, 2, 3):
        state.live(number).touch()
    state.forget_generations(but=2)
    assert list((tmp_path / "live").iterdir()) == [state.live(2)]
