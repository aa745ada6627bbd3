"""Data by the name of its format."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from models.dataset import events, installs, ipinyou, leak
from models.dataset.files import inside
from models.dataset.rows import Dataset
from models.manifest import Outcome

Format: TypeAlias = Literal["events", "ipinyou", "installs"]


class Target(NamedTuple):
    """What rows are labelled with."""

    outcome: Outcome
    attribution_ms: int = events.ATTRIBUTION_MS
    """Of events: how long after its row an outcome counts; other formats come with outcomes that were joined."""


FORMATS: Final[Mapping[str, Callable[[list[Path], Target], Dataset]]] = {
    "events": lambda paths, target: events.read(paths, *target),
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


def read(format_: str, paths: list[Path], target: Target) -> Dataset:
    """The rows of files of a format. Raises `DataError`."""
    return FORMATS[format_](paths, target)
