"""Rules by the kind of table they speak of, and the keys they read.

A rule is a function from a table to its faults. It names the keys it reads, so that it is left out where one of them is
already known to be wrong: a person should be told of a mistake, not of what follows from it. A rule that looks at
elements one by one says so with a `*`, as in `keys*`; it meets `UNSET` where an element, or a key in one, is wrong.
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
    reads_elements: tuple[Path, ...]
    check: Check[Any]


class Wrong(NamedTuple):
    """The paths that are known to be wrong, and all paths around them."""

    at: Collection[Path] = frozenset()
    around: Collection[Path] = frozenset()

    def stops(self, found: Rule, path: Path) -> bool:
        """Whether a rule about the table at a path would read something wrong."""
        return any((*path, *key) in self.around for key in found.reads) or any(
            (*path, *key[:depth]) in self.at for key in found.reads_elements for depth in range(1, len(key) + 1)
        )


_RULES: dict[type[Table], list[Rule]] = {}


def rule(kind: type[T], *keys: str) -> Callable[[Check[T]], Check[T]]:
    """Registers a rule about a kind of table that reads these keys, as in `"goal"` or `"include.country*"`."""
    whole = tuple(tuple(key.split(".")) for key in keys if not key.endswith("*"))
    elements = tuple(tuple(key[:-1].split(".")) for key in keys if key.endswith("*"))

    def register(check: Check[T]) -> Check[T]:
        _RULES.setdefault(kind, []).append(Rule(whole, elements, check))
        return check

    return register


def faults_of(root: Table, wrong: Wrong | None = None) -> Iterator[Fault]:
    """Faults of a document's tables by all rules, past what is known to be wrong."""
    for path, table in tables(root):
        for found in _RULES.get(type(table), ()):
            if wrong is None or not wrong.stops(found, path):
                for fault in found.check(table):
                    yield fault._replace(path=(*path, *fault.path))
