"""Which version does what: small text files beside the versions, which a person or a deploy tool may edit as well.

    NAME/champion   3        answers every bid
    NAME/previous   2        what `rollback` goes back to
    NAME/shadow     4        scored beside the champion, never bid with
    NAME/canary     4 5%     answers a share of the bids

Each is replaced as a whole, so that a reader sees the old or the new one. `NAME/history` tells which change was made
here when and why, one JSON object a line.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from models.errors import StoreError

Role: TypeAlias = Literal["champion", "previous", "shadow", "canary"]
ROLES: tuple[Role, ...] = ("champion", "previous", "shadow", "canary")

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CANARY = re.compile(r"(\S+)\s+(\d{1,2}(?:\.\d{1,4})?|100)\s*%")
_SHARE_DIGITS = 4
"""After the point of a percentage: a share is a whole number of millionths."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change of a role, as `history` keeps it."""

    at_ms: int
    """When, milliseconds since 1970 UTC."""
    role: str
    """`promote`, `rollback`, `shadow` or `canary`."""
    to: str | None
    """What the pointer says from then on; None where the role was taken away."""
    before: str | None
    why: str = ""
    """Given where it was done by a machine."""


_change = msgspec.json.Decoder(Change).decode


class Canary(NamedTuple):
    """A version and the share of bids it answers."""

    version: str
    share: float


def is_version(text: str) -> bool:
    """Whether a text can be the name of a version, or of a model."""
    return _VERSION.fullmatch(text) is not None and text not in {*ROLES, "history"}


def read(directory: Path, role: Role) -> str | None:
    """The version that a pointer names; `None` where there is no pointer. Raises `StoreError` for any other text."""
    text = _text(directory / role)
    version = text.split()[0] if text and role == "canary" else text
    if version is not None and not is_version(version):
        raise StoreError(f"{directory / role}: expected the name of a version, found {text!r}")
    return version


def read_canary(directory: Path) -> Canary | None:
    """The canary with its share. Raises `StoreError` for any other text than `VERSION SHARE%`."""
    text = _text(directory / "canary")
    if text is None:
        return None
    found = _CANARY.fullmatch(text)
    if found is None or not is_version(found.group(1)) or not float(found.group(2)):
        raise StoreError(f"{directory / 'canary'}: expected a version and a share such as `4 5%`, found {text!r}")
    return Canary(found.group(1), float(found.group(2)) / 100)


def roles_of(directory: Path, version: str) -> list[Role]:
    """What a version does; pointers that cannot be read give no role, `problems` tells of them."""
    return [role for role in ROLES if _names(directory / role, version)]


def problems(directory: Path) -> list[str]:
    """What is wrong with each pointer that cannot be read."""
    found = []
    for role in ROLES:
        try:
            if role == "canary":
                read_canary(directory)
            else:
                read(directory, role)
        except StoreError as error:
            found.append(str(error))
    return found


def promote(directory: Path, version: str, why: str = "") -> str | None:
    """Make a version the champion and the champion the previous one, which is returned."""
    with _locked(directory):
        before = read(directory, "champion")
        if before == version:
            return read(directory, "previous")
        if before is not None:
            _write(directory / "previous", before)
        _write(directory / "champion", version)
        _retire(directory, version)
        _note(directory, Change(time.time_ns() // 1_000_000, "promote", version, before, why))
        return before


def rollback(directory: Path, why: str = "") -> tuple[str, str]:
    """Make the previous version the champion again; (from, to). A second time has nothing to go back to.

    The version that failed is taken out of every role. Raises `StoreError` where there is no previous version.
    """
    with _locked(directory):
        failed, back = read(directory, "champion"), read(directory, "previous")
        if back is None or failed is None:
            raise StoreError(f"{directory.name} has no previous version to roll back to")
        _write(directory / "champion", back)
        (directory / "previous").unlink()
        _retire(directory, failed)
        _note(directory, Change(time.time_ns() // 1_000_000, "rollback", back, failed, why))
        return failed, back


def point(
    directory: Path, role: Literal["shadow", "canary"], version: str, share: float | None = None, why: str = ""
) -> None:
    """Give a version a role; a canary takes `share` of the bids, from a millionth up to 1.

    Raises `StoreError` for another share, and for the champion, which has nothing to be compared with.
    """
    text = version if share is None else f"{version} {_percent(share)}"
    with _locked(directory):
        if read(directory, "champion") == version:
            raise StoreError(f"{directory.name}:{version} is the champion, a {role} is another version beside it")
        before = _text(directory / role)
        _write(directory / role, text)
        _note(directory, Change(time.time_ns() // 1_000_000, role, _text(directory / role), before, why))


def clear(directory: Path, role: Literal["shadow", "canary"], why: str = "") -> None:
    """Take a role from whatever version has it."""
    with _locked(directory):
        before = _text(directory / role)
        (directory / role).unlink(missing_ok=True)
        if before is not None:
            _note(directory, Change(time.time_ns() // 1_000_000, role, None, before, why))


def history(directory: Path, last: int = 20) -> list[Change]:
    """The last changes, the newest last; lines that are none are left out."""
    changes: list[Change] = []
    for line in (_text(directory / "history") or "").splitlines()[-last:]:
        with suppress(msgspec.DecodeError):
            changes.append(_change(line))
    return changes


def _retire(directory: Path, version: str) -> None:
    """Take a version out of the roles beside the champion."""
    for role in ("shadow", "canary"):
        if _names(directory / role, version):
            (directory / role).unlink()


def _names(pointer: Path, version: str) -> bool:
    try:
        return (_text(pointer) or "").split()[:1] == [version]
    except StoreError:
        return False


def _percent(share: float) -> str:
    rounded = round(share * 100, _SHARE_DIGITS)
    if not 0 < rounded <= 100:
        raise StoreError(f"a canary takes from {10**-_SHARE_DIGITS:.4f}% to 100% of the bids, found {share:.4%}")
    return f"{rounded:.{_SHARE_DIGITS}f}".rstrip("0").rstrip(".") + "%"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}") from error


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _sync(path.parent)


def _note(directory: Path, change: Change) -> None:
    with (directory / "history").open("ab") as file:
        file.write(msgspec.json.encode(change) + b"\n")


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One editor at a time; readers need no lock. Raises `StoreError` where the directory cannot be written."""
    try:
        fd = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
    except OSError as error:
        raise StoreError(f"{error.filename or directory}: roles cannot be changed: {error.strerror}") from error
