"""The configuration directory as one checked `Config`, or all mistakes of all its files."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from bidder.config import across
from bidder.config.across import Names, names_of
from bidder.config.convert import convert
from bidder.config.lines import Lines
from bidder.config.mistake import ConfigError, Fault, Mistake, found_text, key_text
from bidder.config.parse import UnreadableError, parse, text_of
from bidder.config.schema import Advertiser, Bidder, Config, Exchange, Table, Taxonomy
from bidder.config.sources import Source, Sources
from bidder.config.tables import tables
from bidder.config.taxonomy import read_taxonomy

T = TypeVar("T", bound=Table)


def load(directory: Path) -> Config:
    """Reads and checks a configuration directory. Raises `ConfigError` with all mistakes of all files."""
    return Loader(directory).load()


class Checked(NamedTuple):
    """The content of one file, checked by itself."""

    table: Table | None
    """Where there are faults, values that are wrong are `UNSET`. None where the file is not TOML."""
    names: Names = Names()
    faults: tuple[Fault, ...] = ()
    unreadable: UnreadableError | None = None

    @property
    def sound(self) -> bool:
        """Whether the file has no mistake of its own."""
        return self.unreadable is None and not self.faults


Files = list[tuple[Source, Checked]]


class Loader:
    """Loads one directory again and again; files whose bytes did not change are not parsed again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._sources = Sources(directory)
        self._known: dict[bytes, Checked] = {}
        self._hashes: dict[bytes, str] = {}
        self.hashes: dict[str, str] = {}
        """SHA-256 of the files of the last good configuration, by name."""

    def load(self) -> Config:
        """The configuration as it is on disk. Raises `ConfigError`."""
        sources, mistakes = self._sources.read()
        digests = [source.digest for source in sources]
        files = [
            (source, self._known.get(digest) or check(source)) for source, digest in zip(sources, digests, strict=True)
        ]
        mistakes += mistakes_of(files, self._directory)
        if mistakes:
            raise ConfigError(mistakes)
        self._hashes = {
            digest: self._hashes.get(digest) or sha256(source.data).hexdigest()
            for digest, source in zip(digests, sources, strict=True)
        }
        self.hashes = {source.name: self._hashes[digest] for digest, source in zip(digests, sources, strict=True)}
        self._known = {digest: checked for digest, (_, checked) in zip(digests, files, strict=True)}
        return _config(files, blake2b(b"".join(digests), digest_size=16).hexdigest())


def check(source: Source) -> Checked:
    """One file by all rules that concern it alone."""
    if source.kind is Taxonomy:
        taxonomy, slips = read_taxonomy(source.data)
        return Checked(taxonomy, faults=tuple(slips))
    try:
        document = parse(text_of(source.data))
    except UnreadableError as error:
        return Checked(None, unreadable=error)
    table, faults = convert(document, source.kind)
    return Checked(table, names_of(tables(table)) if isinstance(table, Advertiser) else Names(), tuple(faults))


def mistakes_of(files: Files, directory: Path) -> Iterator[Mistake]:
    """The mistakes of each file and of all of them together, with their lines."""
    found: dict[str, list[Fault]] = {source.name: list(checked.faults) for source, checked in files}
    for name, fault in _faults_across(files, directory):
        found[name].append(fault)
    for source, checked in files:
        if checked.unreadable is not None:
            error = checked.unreadable
            yield _mistake(source.name, error.line, error.fault, {})
        if found[source.name]:
            yield from _located(source, found[source.name])


def _faults_across(files: Files, directory: Path) -> Iterator[tuple[str, Fault]]:
    names = [(source.name, checked.names) for source, checked in files]
    exchanges = [source for source, _ in files if source.kind is Exchange]
    yield from across.exchange_names_fit_a_path(source.stem for source in exchanges)
    yield from across.campaign_ids_are_unique(names)
    yield from across.group_ids_are_unique(names)
    yield from across.named_exchanges_exist(names, {source.stem for source in exchanges})
    yield from across.taxonomy_files_go_by_numbers(source.stem for source, _ in _contents(files, Taxonomy))
    yield from across.categories_are_in_their_taxonomies(names, _taxonomies(files))
    sound = [(source.name, found.table) for source, found in files if found.sound and isinstance(found.table, Exchange)]
    yield from across.price_keys_can_be_read(sound, directory)
    bidder = next((checked for source, checked in files if source.kind is Bidder), None)
    if bidder is not None and bidder.sound and isinstance(bidder.table, Bidder):
        yield from across.currencies_have_rates(
            ((source.name, table) for source, table in _contents(files, Exchange)), bidder.table.account
        )


def _located(source: Source, faults: Iterable[Fault]) -> Iterator[Mistake]:
    """Lines and readable keys are worked out only for files that need them. A file that is not TOML has neither."""
    if source.kind is Taxonomy:
        yield from (
            Mistake(source.name, int(path[0]) if path else 1, "", rule, found_text(found))
            for path, rule, found in faults
        )
        return
    try:
        text = text_of(source.data)
        document = parse(text)
    except UnreadableError:
        text, document = "", {}
    lines = Lines(text)
    for fault in faults:
        yield _mistake(source.name, lines.line(fault.path), fault, document)


def _mistake(file: str, line: int, fault: Fault, document: object) -> Mistake:
    return Mistake(file, line, key_text(fault.path, document), fault.rule, found_text(fault.found))


def _contents(files: Files, kind: type[T]) -> Iterator[tuple[Source, T]]:
    for source, checked in files:
        if isinstance(checked.table, kind):
            yield source, checked.table


def _taxonomies(files: Files) -> dict[int, Taxonomy]:
    """Those without mistakes, whose names are numbers."""
    found = ((source.stem, checked) for source, checked in files if source.kind is Taxonomy and checked.sound)
    return {
        int(name): checked.table
        for name, checked in found
        if isinstance(checked.table, Taxonomy) and name.isascii() and name.isdecimal()
    }


def _config(files: Files, digest: str) -> Config:
    advertisers = list(_contents(files, Advertiser))
    return Config(
        bidder=next(table for _, table in _contents(files, Bidder)),
        exchanges={source.stem: table for source, table in _contents(files, Exchange)},
        advertisers=tuple(table for _, table in advertisers),
        taxonomies=_taxonomies(files),
        digest=digest,
        files=tuple(source.name for source, _ in advertisers),
    )
