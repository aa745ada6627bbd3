"""Rows that prove a model serves as it was trained: facts, the floats they become, and the probability that follows.

Arrays in NumPy's format without pickled objects; facts are JSON, one row a line.
"""

import io
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from models.calibrate import Floats
from models.dataset.rows import Dataset
from models.errors import ModelError
from models.facts import Fact, Facts

MOST_ROWS = 2000
_NAMES = {"facts", "rows", "probabilities", "labels", "weights"}
_NOT_ARRAYS = (
    ValueError, TypeError, KeyError, EOFError, OSError, RuntimeError, MemoryError, tokenize.TokenError, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What zipfile and NumPy raise over bytes that nobody wrote with `encode`."""


class Parity(NamedTuple):
    """The rows of a parity file."""

    facts: Sequence[Facts]
    rows: Floats
    probabilities: Floats
    labels: Floats
    weights: Floats


def sample(data: Dataset, most_rows: int = MOST_ROWS) -> Dataset:
    """Evenly spread rows, at most so many."""
    return data.take(np.unique(np.linspace(0, len(data) - 1, min(most_rows, len(data))).astype(np.intp)))


def encode(parity: Parity) -> bytes:
    """The file; the same bytes for the same rows."""
    facts = msgspec.json.Encoder(order="deterministic").encode_lines(parity.facts)
    file = io.BytesIO()
    np.savez(
        file,
        facts=np.frombuffer(facts, dtype=np.uint8),
        rows=parity.rows,
        probabilities=parity.probabilities,
        labels=parity.labels,
        weights=parity.weights,
    )
    return file.getvalue()


def decode(data: bytes, most_bytes: int) -> Parity:
    """The rows of a file. Raises `ModelError` where it is not one, or would unfold to more than `most_bytes`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unfolded = sum(entry.file_size for entry in archive.infolist())
        if unfolded > most_bytes:
            raise ModelError(f"unfolds to {unfolded} bytes, at most {most_bytes} are allowed")
        arrays = np.load(io.BytesIO(data), allow_pickle=False)
        if set(arrays.files) != _NAMES:
            raise ModelError(f"expected {', '.join(sorted(_NAMES))}, found {', '.join(sorted(arrays.files))}")
        facts = msgspec.json.Decoder(dict[str, Fact]).decode_lines(arrays["facts"].tobytes())
        parity = Parity(facts, *(arrays[name] for name in Parity._fields[1:]))
    except _NOT_ARRAYS as error:
        raise ModelError(f"not a parity file: {error}") from error
    if problem := _problem(parity):
        raise ModelError(problem)
    return parity


def _problem(parity: Parity) -> str | None:
    rows, columns = len(parity.facts), parity[2:]
    if any(each.dtype != np.float64 for each in parity[1:]):
        return f"expected floats, found {', '.join(sorted({str(each.dtype) for each in parity[1:]}))}"
    if not rows or parity.rows.ndim != 2 or len(parity.rows) != rows or any(each.shape != (rows,) for each in columns):
        shapes = ", ".join(str(each.shape) for each in parity[1:])
        return f"expected floats, a probability, a label and a weight for each of {rows} rows, found {shapes}"
    if not np.isin(parity.labels, (0, 1)).all():
        return "a label is neither 0 nor 1"
    if not (np.isfinite(parity.weights) & (parity.weights > 0)).all():
        return "a weight is not above 0"
    return None
