"""Rows that prove a model serves as it was trained: facts, the floats they become, and the probability that follows.

Arrays in NumPy's format without pickled objects; facts are JSON, one row a line.
"""

import io
import zipfile
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
        parity = Parity(facts, *(np.asarray(arrays[name], dtype=np.float64) for name in Parity._fields[1:]))
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, msgspec.DecodeError) as error:
        raise ModelError(f"not a parity file: {error}") from error
    lengths = {len(parity.facts), *(len(column) for column in parity[1:])}
    if len(lengths) != 1 or parity.rows.ndim != 2 or not len(parity.rows):
        raise ModelError(f"expected one row or more with facts, floats, probability and label, found {lengths}")
    return parity
