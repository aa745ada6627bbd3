"""Writing a configuration to start from, and `bidder init` around it."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, get_args

from bidder.config.templates import bench

Template = Literal["minimal", "demo", "everything", "bench"]
TEMPLATES: tuple[Template, ...] = get_args(Template)

_MOST = 1_000_000
_HERE = Path(__file__).parent
_DEMO = _HERE.parents[1] / "demo" / "config"


class NotEmptyError(ValueError):
    """The directory already holds something, which is not overwritten."""


def init(directory: Path, template: Template = "minimal", campaigns: int = 1000) -> list[Path]:
    """Writes a configuration and returns its files. `campaigns` is the number in `bench`.

    Raises `NotEmptyError` where the directory holds anything, and `OSError` where it cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise NotEmptyError(f"{directory}: an empty or new directory is needed; this one is not empty")
    return list(_write(directory, _files(template, campaigns)))


def _files(template: Template, campaigns: int) -> Iterator[tuple[str, str]]:
    """Names and texts. All but `minimal` speak all the dialects of the demo's exchanges."""
    match template:
        case "demo":
            yield from _copies(_DEMO)
        case "minimal":
            yield from _copies(_HERE / "minimal")
        case "everything":
            yield from _copies(_HERE / "everything")
            yield from _exchanges()
        case "bench":
            yield from bench.files(campaigns)
            yield from _exchanges()


def _exchanges() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in _copies(_DEMO) if name.startswith("exchanges/"))


def _copies(source: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(source.rglob("*.toml")):
        yield path.relative_to(source).as_posix(), path.read_text("utf-8")


def _write(directory: Path, files: Iterable[tuple[str, str]]) -> Iterator[Path]:
    for name, text in files:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        yield path


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `bidder init`."""
    parser.add_argument("directory", type=Path, help="a new or empty directory")
    parser.add_argument("--template", choices=TEMPLATES, default="minimal", help="what to start from (%(default)s)")
    parser.add_argument("--campaigns", type=_count, default=1000, help="how many, for --template bench (%(default)s)")


def run(options: Namespace) -> int:
    """`bidder init`: 0 where the configuration was written, 2 where the directory cannot take it."""
    try:
        written = init(options.directory, options.template, options.campaigns)
    except (NotEmptyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{options.directory}: {len(written)} files written; next: bidder check {options.directory}\n")
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise ArgumentTypeError(f"a number of campaigns from 1 to {_MOST}, found {text}")
    return int(text)
