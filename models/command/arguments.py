"""What arguments of the commands may be: each turns a text into a value or says what would be right."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite, nan

LEAST_SHARE = 1e-6


def share(text: str) -> float:
    """A share of rows, from a millionth up to 1."""
    found = _number(text)
    if not LEAST_SHARE <= found <= 1:
        raise ArgumentTypeError(f"expected a share from {LEAST_SHARE:f} up to 1, found {text!r}")
    return found


def part(text: str) -> float:
    """A share that is not the whole: from 0 to below 1."""
    found = _number(text)
    if not 0 <= found < 1:
        raise ArgumentTypeError(f"expected a share from 0 to below 1, found {text!r}")
    return found


def percent(text: str) -> float:
    """The share that `5%` is, above 0 and up to 1."""
    found = _number(text.removesuffix("%"))
    if not text.endswith("%") or not 0 < found <= 100:
        raise ArgumentTypeError(f"expected a share such as 5%, found {text!r}")
    return found / 100


def bonus(text: str) -> float:
    """By which share a rate is raised, from 0 to 10."""
    found = _number(text)
    if not 0 <= found <= 10:
        raise ArgumentTypeError(f"expected a share from 0 to 10, found {text!r}")
    return found


def at_least(least: int) -> Callable[[str], int]:
    """Whole numbers that are not below `least`."""

    def number(text: str) -> int:
        if not text.isdecimal() or len(text) > 18 or int(text) < least:
            raise ArgumentTypeError(f"expected a whole number from {least} on, found {text!r}")
        return int(text)

    return number


def time(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time, in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"expected a time such as 2026-03-10T12:00, found {text!r}") from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return nan
    return found if isfinite(found) else nan
