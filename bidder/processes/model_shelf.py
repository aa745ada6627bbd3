"""The models that answer, kept in the state directory: whatever becomes of the store, a worker can start again.

models/live.json                         the lineup that is live
models/FINGERPRINT/NAME/VERSION/         what serves a version: manifest, trees and parity rows
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bidder.processes.lineup import Lineup, Version
from models.errors import ModelError
from models.manifest import MANIFEST, MODEL, PARITY, decode, fingerprint


class Shelf:
    """Copies of versions that passed their check."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._live = directory / "live.json"

    def take(self, source: Path, expected: str) -> Version:
        """A copy of a version whose manifest has this hash. Raises `OSError`, `ModelError` where it has not."""
        name, version = source.parent.name, source.name
        place = (self._directory / expected[:16] / name / version).absolute()
        found = Version(name, version, str(place), expected)
        if not place.is_dir():
            manifest, trees = (source / MANIFEST).read_bytes(), (source / MODEL).read_bytes()
            if fingerprint(manifest) != expected or fingerprint(trees) != _hash_of_trees(manifest):
                raise ModelError(f"{found.label} has changed since it was checked")
            aside = place.with_name(f".{version}")
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            (aside / MANIFEST).write_bytes(manifest)
            (aside / MODEL).write_bytes(trees)
            (aside / PARITY).write_bytes((source / PARITY).read_bytes())
            aside.rename(place)
        return found

    def recall(self) -> Lineup:
        """The champions that were live last, as far as their copies are there."""
        lineup = live_lineup(self._directory)
        return Lineup({outcome: each for outcome, each in lineup.champions.items() if _is_whole(each)})

    def remember(self, lineup: Lineup, others: Iterable[Version] = ()) -> None:
        """This lineup is live; copies that neither it nor the `others` need go. Raises `OSError`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        aside = self._live.with_suffix(".new")
        aside.write_bytes(msgspec.json.encode(lineup))
        aside.replace(self._live)
        needed = {each.fingerprint[:16] for each in (*lineup.versions(), *others)}
        for place in self._directory.glob("*/"):
            if place.name not in needed:
                shutil.rmtree(place, ignore_errors=True)


def live_lineup(directory: Path) -> Lineup:
    """The lineup that is live, or was last, by the copies in this directory; an empty one where none was."""
    try:
        return msgspec.json.decode((directory / "live.json").read_bytes(), type=Lineup)
    except (OSError, msgspec.DecodeError):
        return Lineup()


def _hash_of_trees(manifest: bytes) -> str | None:
    try:
        return decode(manifest).files.get(MODEL)
    except msgspec.DecodeError:
        return None


def _is_whole(version: Version) -> bool:
    try:
        manifest, trees = (version.path / MANIFEST).read_bytes(), (version.path / MODEL).read_bytes()
    except OSError:
        return False
    return fingerprint(manifest) == version.fingerprint and fingerprint(trees) == _hash_of_trees(manifest)
