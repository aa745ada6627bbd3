"""What a model version says of itself: how its files are to be read, where it comes from and how good it was."""

import hashlib
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from models.calibrate import Calibration
from models.features import Fitted
from models.figures import Metrics
from models.scorer import Kind
from models.sketch import Sketch

FORMAT = 1
MODEL, MANIFEST, PARITY, REPORT = "model.txt", "manifest.json", "parity.npz", "report.html"
HASHED = (MODEL, PARITY, REPORT)
"""The files whose hashes the manifest holds; its own is what `list` and `show` name it by."""

Outcome: TypeAlias = Literal["click", "conversion", "conversion_after_click"]
"""Of an impression: it is clicked; it leads to a conversion. Of a click: it leads to a conversion."""


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows that were learned from: times in milliseconds since 1970 UTC."""

    from_ms: int
    to_ms: int
    rows: int
    positives: int


class Lineage(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a version comes from."""

    parent: str | None
    """The champion when it was trained."""
    command: str
    commit: str | None
    """Of the checkout that trained it."""
    data: dict[str, str]
    """SHA-256 by file name."""
    recipe: dict[str, object]


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`manifest.json`."""

    format: int = FORMAT
    name: str
    kind: Kind
    outcome: Outcome
    features: tuple[Fitted, ...]
    """In the order of the row: of the request first, then of the candidate."""
    schema: str
    """Hash of the features, declarations and all that was fitted."""
    offset: float
    """Log-odds added to the score before calibration."""
    calibration: Calibration
    lightgbm: str
    """The version that trained it."""
    window: Window
    measured_on: Literal["test", "later rows of training", "training rows"]
    metrics: Metrics
    probabilities: tuple[float, float]
    """Lowest and highest on the parity rows."""
    sketches: dict[str, Sketch]
    """The spread of each feature in training."""
    left_out: dict[str, str] = {}
    """Features that were asked for and not used, and why."""
    lineage: Lineage
    files: dict[str, str]
    """SHA-256 by file name."""


def fingerprint(data: bytes) -> str:
    """The hash of a file's content; that of a manifest stands for the whole version, since it holds the others."""
    return hashlib.sha256(data).hexdigest()


def schema_hash(features: Sequence[Fitted]) -> str:
    """The hash of features and their order."""
    return fingerprint(msgspec.json.encode(tuple(features), order="deterministic"))


def encode(manifest: Manifest) -> bytes:
    """The manifest as indented JSON, one byte sequence for one manifest."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """The manifest in JSON. Raises `msgspec.DecodeError`."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except RecursionError as error:
        raise msgspec.DecodeError("nested too deeply") from error
