"""The reference of all settings, made from the schema: `python -m bidder.config.document`."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, structs

from bidder.config.schema import Advertiser, Bidder, Exchange, Table
from bidder.config.wording import unwrap, wording

README = Path(__file__).with_name("README.md")
ROOTS: tuple[type[Table], ...] = (Bidder, Exchange, Advertiser)

_MARK = "<!-- Made from the schema by `python -m bidder.config.document`; edit the schema instead. -->\n"


def reference() -> str:
    """Every key of every table, in Markdown."""
    return "\n".join(line for root in ROOTS for line in _root(root))


def with_reference(readme: str) -> str:
    """A README whose part after the mark is the reference of this schema."""
    return below(_MARK, readme, reference())


def below(mark: str, document: str, made: str) -> str:
    """A document whose part after the mark is what was made."""
    return f"{document.partition(mark)[0]}{mark}\n{made}\n"


def field_texts(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The text below each field of a struct in its source, by name; fields without one are missing."""
    source = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = next(node.body for node in source.body if isinstance(node, ast.ClassDef))
    texts: dict[str, str] = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            texts[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return texts


def headings(kind: type[Table], path: str = "", *, many: bool = False) -> Iterator[tuple[type[Table], str]]:
    """A table and all tables below it, each with the header it has in TOML, as in `[[campaigns.creatives]]`."""
    if path:
        yield kind, f"[[{path}]]" if many else f"[{path}]"
    for field in structs.fields(kind):
        plain, _ = unwrap(field.type)
        is_list = get_origin(plain) is tuple
        inner = get_args(plain)[0] if is_list else plain
        if isinstance(inner, type) and issubclass(inner, Table):
            yield from headings(inner, f"{path}.{field.name}" if path else field.name, many=is_list)


def _root(root: type[Table]) -> Iterator[str]:
    file, _, text = (root.__doc__ or "").partition(": ")
    yield f"## {file}\n"
    yield f"{text[:1].upper()}{text[1:]}\n"
    yield from _settings(root)
    found: dict[type[Table], list[str]] = {}
    for kind, heading in headings(root):
        found.setdefault(kind, []).append(f"`{heading}`")
    for kind, places in found.items():
        yield f"### {', '.join(places)}\n"
        yield f"{inspect.cleandoc(kind.__doc__ or '')}\n"
        yield from _settings(kind)


def _settings(kind: type[Table]) -> Iterator[str]:
    texts = field_texts(kind)
    yield "| key | value | if left out | meaning |"
    yield "| --- | --- | --- | --- |"
    for field in structs.fields(kind):
        cells = (f"`{field.name}`", wording(field.type), _default(field), texts.get(field.name, ""))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _default(field: structs.FieldInfo) -> str:
    if field.required:
        return "**required**"
    value: Any = field.default if field.default is not NODEFAULT else None
    if value is None or isinstance(value, Table) or value in {(), ""}:
        return ""
    return f"`{msgspec.json.Encoder(decimal_format='number').encode(value).decode()}`"


if __name__ == "__main__":
    README.write_text(with_reference(README.read_text("utf-8")), "utf-8")
