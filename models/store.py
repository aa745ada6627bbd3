"""Model versions on disk: STORE/NAME/VERSION/{model.txt, manifest.json, parity.npz, report.html}, written whole."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from models import check, pointers
from models.errors import RefusedError, StoreError
from models.limits import DEFAULT_LIMITS, Limits
from models.manifest import MANIFEST, Manifest, decode
from models.pointers import is_version
from models.predictor import Model

DEFAULT = Path("models/artifacts")


class Store:
    """The versions of all models under one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """The models there are."""
        return sorted(path.name for path in self.root.glob("*/") if is_version(path.name))

    def versions(self, name: str) -> list[str]:
        """The versions of a model, numbers in order before other names; none where there is no such model."""
        found = [path.name for path in (self.root / name).glob("*/") if is_version(path.name)]
        return sorted(found, key=lambda version: (not version.isdigit(), version.isdigit() and int(version), version))

    def directory(self, name: str, version: str) -> Path:
        """Where a version lies. Raises `StoreError` where it does not exist."""
        path = self.root / name / version
        if not (is_version(name) and is_version(version)) or not path.is_dir():
            raise StoreError(f"{self.root} has no version {version} of a model {name}")
        return path

    def resolve(self, model: str) -> tuple[str, str]:
        """Name and version of `NAME:VERSION`, or of `NAME`: its champion, else its newest. Raises `StoreError`."""
        name, colon, version = model.partition(":")
        if not is_version(name) or not (self.root / name).is_dir():
            raise StoreError(f"{self.root} has no model {name}, it has {', '.join(self.names()) or 'none'}")
        known = self.versions(name)
        if colon and not version:
            raise StoreError(f"{model} names no version after the colon, {name} has {', '.join(known) or 'none'}")
        chosen = version or pointers.read(self.root / name, "champion") or (known[-1] if known else "")
        if chosen not in known:
            raise StoreError(f"{name} has no version {chosen or 'at all'}, it has {', '.join(known) or 'none'}")
        return name, chosen

    def manifest(self, name: str, version: str) -> Manifest:
        """The manifest of a version, unchecked. Raises `StoreError`, `RefusedError` where it cannot be read."""
        try:
            return decode((self.directory(name, version) / MANIFEST).read_bytes())
        except (OSError, ValueError) as error:
            raise RefusedError(f"{name}:{version}", [f"{MANIFEST}: {error}"]) from error

    def load(self, name: str, version: str, limits: Limits = DEFAULT_LIMITS) -> Model:
        """A checked model. Raises `StoreError`, `RefusedError`."""
        return check.load(self.directory(name, version), limits)

    def next_version(self, name: str) -> str:
        """The number after the highest."""
        numbers = [int(version) for version in self.versions(name) if version.isdigit()]
        return str(max(numbers, default=0) + 1)

    def free(self, name: str, version: str | None) -> None:
        """Nothing if a version may be added under these names; None: under the next number. Raises `StoreError`."""
        for text in (name, version):
            if text is not None and not is_version(text):
                raise StoreError(f"{text!r} cannot name a model or a version: letters, digits, `.`, `_` and `-` can")
        if version is not None and (self.root / name / version).exists():
            raise StoreError(f"{self.root / name / version} exists already, versions never change")

    def add(
        self, name: str, version: str, files: Mapping[str, bytes], verify: Callable[[Path], object] = check.load
    ) -> Path:
        """Write a version aside, check it there, and rename it into its place.

        Raises `StoreError` where it exists already, `RefusedError` where `verify` does.
        """
        self.free(name, version)
        place = self.root / name / version
        aside = self.root / name / f".{version}.{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        try:
            _write(aside, files)
            verify(aside)
            aside.rename(place)
        except OSError as error:
            self.free(name, version)
            raise StoreError(f"{place} cannot be written: {error.strerror}") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return place

    def add_next(self, name: str, files: Mapping[str, bytes]) -> Path:
        """The same under the next number, of which another program that adds one takes another. Raises as `add`."""
        while True:
            version = self.next_version(name)
            try:
                return self.add(name, version, files)
            except StoreError:
                if version not in self.versions(name):
                    raise


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    directory.mkdir(parents=True)
    for file, data in files.items():
        with (directory / file).open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
