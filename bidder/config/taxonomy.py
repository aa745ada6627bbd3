"""Reads `taxonomies/N.tsv`: the list of a category taxonomy as IAB Tech Lab publishes it, of which we ship none.

Lines of fields between tabs. The header begins with `Unique ID` and `Parent`; what stands before it, and what follows
in a line, are names for people. A category without a parent, or that is its own, is at the top.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from bidder.config.lines import Path
from bidder.config.mistake import Fault, Words
from bidder.config.schema import Taxonomy

MOST_CATEGORIES = 100_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADER = "a header line that begins with `Unique ID` and `Parent`, as in the lists of IAB Tech Lab"

Rows = dict[str, tuple[int, str]]
"""By category its line and its parent."""


def read_taxonomy(data: bytes) -> tuple[Taxonomy, list[Fault]]:
    """The hierarchy in a file, and what is wrong with it; the path of a fault is its line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Taxonomy(), [
            Fault((data.count(b"\n", 0, error.start) + 1,), "text in UTF-8", Words("bytes that are not"))
        ]
    rows: Rows = {}
    faults = list(_rows(text.split("\n"), rows))
    if len(rows) > MOST_CATEGORIES:
        return Taxonomy(), [Fault((1,), f"at most {MOST_CATEGORIES} categories", len(rows))]
    parents = {category: "" if parent == category else parent for category, (_, parent) in rows.items()}
    faults += _unknown_parents(rows)
    faults += _circles(rows, parents)
    return Taxonomy(parents=parents), faults


def _rows(lines: Iterable[str], rows: Rows) -> Iterator[Fault]:
    """Fills `rows`; tells lines that are none."""
    numbered = iter(enumerate(lines, start=1))
    for _, line in numbered:
        if _is_header(_fields(line)):
            break
    else:
        yield Fault((1,), _HEADER)
    for number, line in numbered:
        category, parent = _fields(line)
        if not line.strip():
            continue
        if not _ID.fullmatch(category):
            yield Fault((number,), "the id of a category and a tab at the beginning of the line", category)
        elif parent and not _ID.fullmatch(parent):
            yield Fault((number,), "the id of the category above, or nothing, between the first two tabs", parent)
        elif category in rows:
            rule = f"an id that no other line has; line {rows[category][0]} has it"
            yield Fault((number,), rule, category)
        else:
            rows[category] = number, parent


def _fields(line: str) -> tuple[str, str]:
    category, _, rest = line.partition("\t")
    return category.strip(), rest.partition("\t")[0].strip()


def _is_header(fields: tuple[str, str]) -> bool:
    first, second = (field.casefold() for field in fields)
    return first == "unique id" and second in {"parent", "parent id"}


def _unknown_parents(rows: Rows) -> Iterator[Fault]:
    for number, parent in rows.values():
        if parent and parent not in rows:
            yield Fault((number,), "a parent that has a line of its own", parent)


def _circles(rows: Rows, parents: Mapping[str, str]) -> Iterator[Fault]:
    """Each circle is told once, at the first of its lines."""
    sound: set[str] = {""}
    for category in rows:
        path: dict[str, None] = {}
        above = category
        while above not in sound and above not in path and above in parents:
            path[above] = None
            above = parents[above]
        if above in path:
            yield _circle([*path][[*path].index(above) :], rows)
        sound.update(path)


def _circle(names: list[str], rows: Rows) -> Fault:
    first = min(names, key=lambda name: rows[name][0])
    path: Path = (rows[first][0],)
    return Fault(path, "a parent that is not below the category itself", rows[first][1])
