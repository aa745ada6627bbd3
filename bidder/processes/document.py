"""The fields of the JSON routes, made from their structs: `python -m bidder.processes.document`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import structs

import bidder.web
from bidder.config.document import below, field_texts
from bidder.processes import campaign_report, model_desk, pacer, status

DOCUMENT = Path(bidder.web.__file__).with_name("API.md")
ROUTES: dict[str, type[msgspec.Struct]] = {
    "/api/campaigns": campaign_report.Report,
    "/api/pacing": pacer.Report,
    "/api/config": status.Status,
    "/api/models": model_desk.Status,
}

_MARK = "<!-- Made from the structs by `python -m bidder.processes.document`; edit those instead. -->\n"


def fields(kind: type[msgspec.Struct], path: str = "") -> Iterator[tuple[str, str, list[type[msgspec.Struct]]]]:
    """Every field with what it says and the structs in it, whose fields follow, as in `campaigns.pacing.throttle`."""
    texts = field_texts(kind)
    for field in structs.fields(kind):
        inside = list(_structs_in(field.type))
        yield f"{path}{field.name}", texts.get(field.name, ""), inside
        for inner in inside:
            yield from fields(inner, f"{path}{field.name}.")


def reference() -> str:
    """The tables of all routes, in Markdown; what stands in several places is written out in the first."""
    first: dict[type[msgspec.Struct], str] = {}
    return "\n".join(line for route, kind in ROUTES.items() for line in _table(route, kind, first))


def with_reference(document: str) -> str:
    """A document whose part after the mark is the reference."""
    return below(_MARK, document, reference())


def _table(route: str, kind: type[msgspec.Struct], first: dict[type[msgspec.Struct], str]) -> Iterator[str]:
    summary = (kind.__doc__ or "").partition("\n\n")[0]
    yield f"## GET {route}\n\n{' '.join(summary.split())}\n\n| field | meaning |\n|---|---|"
    skipped: list[str] = []
    for path, text, inside in fields(kind):
        if any(path.startswith(f"{each}.") for each in skipped):
            continue
        cell = text.replace("|", "\\|")
        for inner in inside:
            where = first.setdefault(inner, f"{route}: {path}")
            if where != f"{route}: {path}":
                skipped.append(path)
                cell = f"{cell} Its fields are those of `{where}`.".strip()
        yield f"| `{path}` | {cell} |"
    yield ""


def _structs_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for inner in get_args(kind):
        yield from _structs_in(inner)


if __name__ == "__main__":
    DOCUMENT.write_text(with_reference(DOCUMENT.read_text("utf-8")), "utf-8")
