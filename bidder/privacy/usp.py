"""The US Privacy string, version 1 (IAB, deprecated in 2024 in favour of GPP, still sent)."""

from msgspec import Struct

from bidder.privacy.bits import SignalError


class UsPrivacy(Struct, frozen=True):
    """One US Privacy string; each letter is Y, N, or - where the law does not apply."""

    version: int
    notice: str
    opted_out: str
    """Of the sale of personal data."""
    covered: str
    """By the Limited Service Provider Agreement."""


def read(text: str) -> UsPrivacy:
    """Read a string such as `1YNN`. Raises `SignalError`."""
    if len(text) != 4 or text[0] not in "123456789" or any(letter not in "YN-" for letter in text[1:]):
        raise SignalError(f"a US Privacy string is a version and three letters of Y, N and -, found {text[:40]!r}")
    return UsPrivacy(int(text[0]), text[1], text[2], text[3])
