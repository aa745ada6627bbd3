"""Encodings of macro values: the X of `${NAME:X}` (OpenRTB 2.6, 4.4).

The specification leaves X to the parties and mentions one: B64, if they agree that it means Base64.
"""

import base64
from collections.abc import Callable, Mapping

Encodings = Mapping[str, Callable[[str], str]]
"""What the parties agreed on: the X of `${NAME:X}` -> function from the plain value to the encoded one."""


def to_base64(value: str) -> str:
    """Standard Base64 (RFC 4648, 4) of the UTF-8 bytes, padded: the form that every decoder takes."""
    return base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")


def from_base64(text: str) -> str:
    """The value of standard or URL-safe Base64, padded or not: a notice passes many hands on its way.

    A `+` that query parsing turned into a space is read as `+`. Raises ValueError where `text` is not Base64 of UTF-8.
    """
    body = text.rstrip("=").replace(" ", "+").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except ValueError as error:
        raise ValueError(f"not Base64 of UTF-8 text: {text[:80]!r}") from error


ENCODINGS: Encodings = {"B64": to_base64}
