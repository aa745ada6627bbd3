"""Rules by the kind of table they speak of, and the keys they read.

A rule is a function from a table to its faults. It names the keys it reads, so that it is left out where one of them is
already known to be wrong: a person should be told of a mistake, not of what follows from it.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple, TypeVar

from bidder.config.lines import Path
from bidder.config.mistake import Fault
from bidder.config.schema import Table
from bidder.config.tables import tables

T = TypeVar("T", bound=Table)
Check = Callable[[T], Iterator[Fault]]


class Rule(NamedTuple):
    """A rule and the keys it reads, as paths from its table."""

    reads: tuple[Path, ...]
    check: Check[Any]


_RULES: dict[type[Table], list[Rule]] = {}


def rule(kind: type[T], *keys: str) -> Callable[[Check[T]], Check[T]]:
    """Registers a rule about a kind of table that reads these keys, as in `"goal"` or `"include.country"`."""

    def register(check: Check[T]) -> Check[T]:
        _RULES.setdefault(kind, []).append(Rule(tuple(tuple(key.split(".")) for key in keys), check))
        return check

    return register


def faults_of(root: Table, broken: Collection[Path] = frozenset()) -> Iterator[Fault]:
    """Faults of a document's tables, by all rules.

    `broken` are the paths known to be wrong, and all paths around them.
    """
    for path, table in tables(root):
        for reads, check in _RULES.get(type(table), ()):
            if broken and any((*path, *key) in broken for key in reads):
                continue
            for fault in check(table):
                yield fault._replace(path=(*path, *fault.path))
