"""Codes as people read them."""

from collections.abc import Iterable


def codes(numbers: Iterable[int]) -> str:
    """Numbers in order, or "none"."""
    return ", ".join(map(str, sorted(set(numbers)))) or "none"
