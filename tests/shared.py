"""Read-only access to the reference material beside the checkout; tests that need it skip where it is absent."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def path(name: str) -> Path:
    """The path of a file under ../shared. Skips the calling test where it is absent."""
    found = SHARED / name
    if not found.exists():
        pytest.skip(f"needs ../shared/{name}, which is not beside this checkout", allow_module_level=True)
    return found


@cache
def spec(name: str) -> Any:
    """One file of ../shared/spec, parsed, for example `spec("macros")`."""
    return json.loads(path(f"spec/{name}.json").read_text())


def lines(name: str) -> Iterator[bytes]:
    """The lines of a gzipped file under ../shared, without their line ends."""
    with gzip.open(path(name), "rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def corpus(name: str) -> Iterator[dict[str, Any]]:
    """The records of ../shared/corpus/NAME.ndjson.gz, each with its body parsed."""
    for line in lines(f"corpus/{name}.ndjson.gz"):
        yield json.loads(line)


def corpus_bodies(name: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each record with the bytes of its body as the source wrote them.

    Bodies keep number forms and duplicate keys only as bytes, so the body is cut out of the line: it is the last
    attribute that starts with `"body":` at the top level, or is re-encoded where it is not last.
    """
    for line in lines(f"corpus/{name}.ndjson.gz"):
        record = json.loads(line)
        yield record, _body_bytes(line, record)


def _body_bytes(line: bytes, record: dict[str, Any]) -> bytes:
    body = record["body"]
    if isinstance(body, str):
        return body.encode()
    start = line.index(b'"body":') + len(b'"body":')
    cut = line[start:].lstrip()[:-1].rstrip()
    return cut if json.loads(cut) == body else json.dumps(body).encode()


def vectors(name: str) -> list[Any]:
    """The cases of ../shared/vectors/NAME.json. Skips the calling module where they are absent."""
    found: list[Any] = json.loads(path(f"vectors/{name}.json").read_text())["cases"]
    return found
