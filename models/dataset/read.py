"""Data by the name of its format."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from models.dataset import events, installs, ipinyou, leak
from models.dataset.files import inside
from models.dataset.rows import Dataset
from models.manifest import Outcome

Format: TypeAlias = Literal["events", "ipinyou", "installs"]

FORMATS: Final[Mapping[str, Callable[[list[Path], Outcome], Dataset]]] = {
    "events": events.read,
    # Rows of these were written by other programs than their outcomes, so they may tell one from the other.
    "ipinyou": lambda paths, _: leak.withhold(ipinyou.read(inside(paths))),
    "installs": lambda paths, _: leak.withhold(installs.read(inside(paths))),
}

OUTCOMES: Final[Mapping[str, Outcome]] = {
    "events": "conversion",
    "ipinyou": "click",
    "installs": "conversion_after_click",
}
"""What rows of a format are labelled with where nothing else is asked for."""


def read(format_: str, paths: list[Path], outcome: Outcome) -> Dataset:
    """The rows of files of a format. Raises `DataError`."""
    return FORMATS[format_](paths, outcome)
