"""Files of rows: text lines, gzipped or not, with the hash of what was read."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from models.errors import DataError

_GZIP_MAGIC = b"\x1f\x8b"
_TEXT = "utf-8-sig"


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file without their ends or a byte order mark; gzip is known by its first bytes.

    Raises `DataError`.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == _GZIP_MAGIC
        with gzip.open(path, "rt", encoding=_TEXT) if zipped else path.open(encoding=_TEXT) as text:
            for line in text:
                yield line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise DataError(f"{path}: {error}") from error


def first_line(path: Path) -> str:
    """The first line of a file. Raises `DataError` where there is none."""
    for line in lines(path):
        return line
    raise DataError(f"{path}: the file is empty")


def sha256(path: Path) -> str:
    """The hash of a file as stored. Raises `DataError`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error}") from error


def inside(paths: list[Path]) -> list[Path]:
    """The paths, with the files of a directory in its place."""
    return [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


def sources(paths: list[Path]) -> dict[str, str]:
    """The hash of each file by its name alone: where it lies does not change what was learned."""
    return {path.name: sha256(path) for path in sorted(paths)}
