"""The files of a configuration directory and their bytes."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from bidder.config.mistake import NOTHING, Mistake, Words, found_text
from bidder.config.schema import Advertiser, Bidder, Exchange, Table, Taxonomy

BIDDER = "bidder.toml"
KINDS: dict[str, type[Table]] = {
    BIDDER: Bidder,
    "exchanges": Exchange,
    "campaigns": Advertiser,
    "taxonomies": Taxonomy,
}
"""What a file holds, by its name or the name of its directory."""

SUFFIXES = {"campaigns": ".toml", "exchanges": ".toml", "taxonomies": ".tsv"}
"""How the names of files end that are read, by directory."""

SETTLED_NS = 2_000_000_000
"""Where a file was last changed so long ago, another change would show: no file system tells times more coarsely."""


class Stamp(NamedTuple):
    """What tells a file that was changed without reading it: the times of its last changes in ns, size, inode."""

    written_ns: int
    changed_ns: int
    size: int
    inode: int


class Source(NamedTuple):
    """One file as it was read."""

    name: str
    """Relative to the directory, with `/`."""
    data: bytes
    digest: bytes
    """Hash of name and bytes."""

    @property
    def kind(self) -> type[Table]:
        """The table the file holds."""
        return KINDS[self.name.partition("/")[0]]

    @property
    def stem(self) -> str:
        """The name without directory and suffix."""
        return self.name.rpartition("/")[2].rpartition(".")[0]


class Sources:
    """The files of one directory, read again and again; those that surely are as they were are not read again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._settled: dict[str, tuple[Stamp, Source]] = {}

    def read(self) -> tuple[list[Source], list[Mistake]]:
        """All files, and what is wrong with the directory itself."""
        sources: list[Source] = []
        now_ns = time_ns()
        try:
            mistakes = list(_misplaced(self._directory))
            found = listed(self._directory)
        except OSError as error:
            return sources, [Mistake(str(self._directory), 1, "", "a directory that can be read", str(error.strerror))]
        settled: dict[str, tuple[Stamp, Source]] = {}
        for name, stamp in found.items():
            try:
                source = self._source(name, stamp)
            except OSError as error:
                mistakes.append(Mistake(_shown(name), 1, "", "a file that can be read", str(error.strerror)))
                continue
            sources.append(source)
            if stamp is not None and max(stamp.written_ns, stamp.changed_ns) + SETTLED_NS < now_ns:
                settled[name] = stamp, source
        self._settled = settled
        return sources, mistakes

    def _source(self, name: str, stamp: Stamp | None) -> Source:
        known = self._settled.get(name)
        if known is not None and known[0] == stamp:
            return known[1]
        shown, data = _shown(name), (self._directory / name).read_bytes()
        encoded = shown.encode()
        digest = blake2b(b"%d:%b%b" % (len(encoded), encoded, data), digest_size=16).digest()
        return Source(shown, data, digest)


def listed(directory: Path) -> dict[str, Stamp | None]:
    """Files of the configuration in the order of their names; without a stamp those that cannot be looked at.

    Hidden ones are left out: editors write them. Raises `OSError` where a directory cannot be read.
    """
    found = {BIDDER: _stamp(directory / BIDDER)} if (directory / BIDDER).exists() else {}
    for kind, suffix in SUFFIXES.items():
        try:
            with os.scandir(directory / kind) as entries:
                here = {f"{kind}/{each.name}": _stamp(each) for each in entries if _is_read(each.name, suffix)}
        except (FileNotFoundError, NotADirectoryError):
            continue
        found |= sorted(here.items())
    return found


def _is_read(name: str, suffix: str) -> bool:
    return name.endswith(suffix) and not name.startswith(".")


def _stamp(file: os.DirEntry[str] | Path) -> Stamp | None:
    try:
        stat = file.stat()
    except OSError:  # removed since it was listed, or a link to nowhere
        return None
    return Stamp(stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


def _shown(name: str) -> str:
    """A name as text that can be printed on one line, whatever the file is called."""
    text = os.fsencode(name).decode(errors="replace")
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
                _shown(path.name), 1, "", f"a name that is read; did you mean `{near[0]}`?", found_text(path.name)
            )
