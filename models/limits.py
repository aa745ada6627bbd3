"""What a model may cost and how far off it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a version must keep to serve."""

    model_bytes: int = 64 << 20
    manifest_bytes: int = 64 << 20
    parity_bytes: int = 64 << 20
    report_bytes: int = 64 << 20
    trees: int = 2000
    leaves: int = 1024
    features: int = 500
    row_us: float = 100.0
    """Processor time of one candidate, features and all."""
    least_chance: float = 1e-6
    """Of as few or as many positives on the parity rows as there are, were the probabilities right."""


DEFAULT_LIMITS = Limits()
