"""The files of a configuration directory and their bytes."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from bidder.config.mistake import NOTHING, Mistake, Words, found_text
from bidder.config.schema import Advertiser, Bidder, Exchange, Table

BIDDER = "bidder.toml"
KINDS: dict[str, type[Table]] = {BIDDER: Bidder, "exchanges": Exchange, "campaigns": Advertiser}
"""What a file holds, by its name or the name of its directory."""


class Source(NamedTuple):
    """One file as it was read."""

    name: str
    """Relative to the directory, with `/`."""
    data: bytes

    @property
    def kind(self) -> type[Table]:
        """The table the file holds."""
        return KINDS[self.name.partition("/")[0]]

    @property
    def stem(self) -> str:
        """The name without directory and suffix."""
        return self.name.rpartition("/")[2].removesuffix(".toml")

    @property
    def digest(self) -> bytes:
        """Hash of name and bytes."""
        name = self.name.encode()
        return blake2b(b"%d:%b%b" % (len(name), name, self.data), digest_size=16).digest()


def paths(directory: Path) -> list[Path]:
    """Files of the configuration in the order of their names. Hidden ones are left out: editors write them."""
    found = [directory / BIDDER] if (directory / BIDDER).exists() else []
    for kind in ("campaigns", "exchanges"):
        found += sorted(path for path in (directory / kind).glob("*.toml") if not path.name.startswith("."))
    return found


def read(directory: Path) -> tuple[list[Source], list[Mistake]]:
    """All files, and what is wrong with the directory itself."""
    sources: list[Source] = []
    try:
        mistakes = list(_misplaced(directory))
        found = paths(directory)
    except OSError as error:
        return sources, [Mistake(str(directory), 1, "", "a directory that can be read", str(error.strerror))]
    for path in found:
        name = _shown(path.relative_to(directory))
        try:
            sources.append(Source(name, path.read_bytes()))
        except OSError as error:
            mistakes.append(Mistake(name, 1, "", "a file that can be read", str(error.strerror)))
    return sources, mistakes


def _shown(path: Path) -> str:
    """A relative path as text that can be printed on one line, whatever the file is called."""
    text = os.fsencode(path.as_posix()).decode(errors="replace")
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _misplaced(directory: Path) -> Iterator[Mistake]:
    """What is missing in the directory, and names that nearly are right."""
    if not directory.is_dir():
        found = found_text(Words("something else") if directory.exists() else NOTHING)
        yield Mistake(str(directory), 1, "", "a directory with `bidder.toml`, `exchanges/` and `campaigns/`", found)
        return
    if not (directory / BIDDER).exists():
        yield Mistake(BIDDER, 1, "", "required; it may be empty", found_text(NOTHING))
    if not any((directory / "exchanges").glob("*.toml")):
        yield Mistake("exchanges", 1, "", "at least one exchange, as `exchanges/NAME.toml`", found_text(NOTHING))
    for path in sorted(directory.iterdir()):
        near = get_close_matches(path.name, KINDS, n=1, cutoff=0.75)
        if near and path.name not in KINDS:
            yield Mistake(
                _shown(Path(path.name)), 1, "", f"a name that is read; did you mean `{near[0]}`?", found_text(path.name)
            )
