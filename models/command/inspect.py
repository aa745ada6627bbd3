"""`model list` and `model show`: what the store holds, and whether it may serve."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import msgspec

from models import pointers
from models.command.output import DONE, REFUSED, say
from models.errors import RefusedError
from models.manifest import MANIFEST, fingerprint
from models.store import DEFAULT, Store


def add_store(parser: ArgumentParser) -> None:
    """The arguments of every command that reads the store."""
    parser.add_argument("--store", type=Path, default=DEFAULT, metavar="DIR", help="where models lie (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_list_arguments(parser: ArgumentParser) -> None:
    """The arguments of `list`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="only this model")
    add_store(parser)


def run_list(options: Namespace) -> int:
    """Every version with its roles and figures; a version or a pointer that cannot be read is told as such.

    Raises `StoreError` where there is no model of the name that is asked for.
    """
    store = Store(options.store)
    names = [store.resolve(options.name)[0]] if options.name else store.names()
    rows = [_row(store, name, version) for name in names for version in store.versions(name)]
    for problem in (problem for name in names for problem in pointers.problems(store.root / name)):
        sys.stderr.write(f"model list: {problem}\n")
    if options.json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return DONE
    if rows:
        _tell(rows)
    else:
        sys.stderr.write(f"model list: {options.store} holds no model\n")
    return DONE


def add_show_arguments(parser: ArgumentParser) -> None:
    """The arguments of `show`."""
    parser.add_argument("model", metavar="NAME[:VERSION]", help="default version: the champion, else the newest")
    add_store(parser)


def run_show(options: Namespace) -> int:
    """What a version says of itself, and every reason why it would be refused; exit 1 if there is one."""
    store = Store(options.store)
    name, version = store.resolve(options.model)
    manifest = store.manifest(name, version)
    try:
        store.load(name, version)
        refused: list[str] = []
    except RefusedError as error:
        refused = list(error.reasons)
    told = msgspec.to_builtins(manifest)
    for large in ("features", "sketches"):
        told.pop(large)
    told["features"] = [each.name for each in manifest.features]
    say({"version": version, "roles": _roles(store, name, version), **told, "refused": refused}, options.json)
    return REFUSED if refused else DONE


def _tell(rows: Sequence[Mapping[str, object]]) -> None:
    """A table under the names of the figures; what is wrong with a version stands in place of them."""
    names = list(dict.fromkeys(name for row in rows for name in row if name != "problem"))
    lines = [[name.replace("_", " ") for name in names]]
    lines += [[_short(row.get(name)) for name in names if name in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip_longest(*lines, fillvalue="")]
    for line, row in zip(lines, ({}, *rows), strict=True):
        cells = [f"{cell:<{width}}" for cell, width in zip(line, widths, strict=False)]
        sys.stdout.write("  ".join([*cells, str(row.get("problem", ""))]).rstrip() + "\n")


def _short(value: object) -> str:
    return "" if value is None else f"{value!s:.40}"


def _row(store: Store, name: str, version: str) -> dict[str, object]:
    known: dict[str, object] = {"model": f"{name}:{version}", "roles": " ".join(_roles(store, name, version))}
    try:
        manifest = store.manifest(name, version)
    except RefusedError as error:
        return known | {"kind": "unreadable", "problem": error.reasons[0]}
    metrics = manifest.metrics
    return known | {
        "kind": manifest.kind,
        "outcome": manifest.outcome,
        "rows": manifest.window.rows,
        "auc": None if metrics.auc is None else round(metrics.auc, 4),
        "normalised_entropy": None if metrics.normalised_entropy is None else round(metrics.normalised_entropy, 4),
        "measured_on": manifest.measured_on,
        "manifest": fingerprint((store.directory(name, version) / MANIFEST).read_bytes())[:12],
    }


def _roles(store: Store, name: str, version: str) -> list[pointers.Role]:
    return pointers.roles_of(store.root / name, version)
