"""Single values as exchanges write them: each kind is read from the text of any JSON value that can mean it."""

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

ABSENT = object()
"""What a value is read as that says nothing: an empty string where a number is expected."""

_TEXT = msgspec.json.Decoder(str)
_TEXTS = msgspec.json.Decoder(list[str])
_NUMBER = re.compile(rb"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(rb"-?[0-9]{1,40}")
_LARGEST = 2**53


class Scalar(NamedTuple):
    """A kind of value: what messages call it, and its value in a valid JSON text, `None` where that cannot mean one."""

    name: str
    read: Callable[[bytes], Any]


def _string(text: bytes) -> str | None:
    """Also a number, in the digits it was sent with."""
    if text[:1] == b'"':
        return _TEXT.decode(text)
    return text.decode() if _NUMBER.fullmatch(text) else None


def _document(text: bytes) -> str | None:
    """A string that holds JSON; also that JSON itself (Native 1.2, 4.1 and 5.1)."""
    return text.decode() if text[:1] in {b"{", b"["} else _string(text)


def _keywords(text: bytes) -> str | None:
    """Also an array of strings, joined the way the specification writes them."""
    if text[:1] != b"[":
        return _string(text)
    try:
        return ",".join(_TEXTS.decode(text))
    except msgspec.ValidationError:
        return None


def _integer(text: bytes) -> Any:
    """Also a flag, a string, and a fraction of zero; nothing beyond what every JSON reader holds exactly."""
    return _whole(text, fractions=False)


def _rounded(text: bytes) -> Any:
    """An integer; also a fraction, rounded down."""
    return _whole(text, fractions=True)


def _whole(text: bytes, *, fractions: bool) -> Any:
    text = _unquoted(text)
    if text in {b"true", b"false"}:
        return int(text == b"true")
    number = _finite(text)
    if number is None or number is ABSENT:
        return number
    whole = int(text) if _WHOLE.fullmatch(text) else math.floor(number)
    return whole if abs(whole) <= _LARGEST and (fractions or whole == number) else None


def _number(text: bytes) -> Any:
    """A finite number; also a string."""
    return _finite(_unquoted(text))


def _finite(text: bytes) -> Any:
    if not text:
        return ABSENT
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _unquoted(text: bytes) -> bytes:
    return _TEXT.decode(text).strip().encode() if text[:1] == b'"' else text


STRING = Scalar("a string", _string)
DOCUMENT = Scalar("a string or an object", _document)
KEYWORDS = Scalar("a string", _keywords)
INTEGER = Scalar("an integer", _integer)
ROUNDED = Scalar("an integer", _rounded)
NUMBER = Scalar("a number", _number)
ANYTHING = Scalar("anything", Raw)
