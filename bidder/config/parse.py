"""The bytes of a TOML file as a document, or the one mistake that keeps it from being read.

Numbers with a point are decimals, so that money never passes through a float.
"""

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any

from bidder.config.lines import last_place
from bidder.config.mistake import Fault, Words

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ABOUT_A_STATEMENT = ("Cannot ", "Duplicate ", "Unclosed ", "Unterminated ")
_TWICE = ("Cannot ", "Duplicate ")
_LONG_NUMBER = re.compile(r"[0-9](?:_?[0-9]){4000}")


class UnreadableError(ValueError):
    """A file is not TOML: its fault, and the line of it."""

    def __init__(self, fault: Fault, line: int) -> None:
        self.fault = fault
        self.line = line
        super().__init__(fault.rule)


def text_of(data: bytes) -> str:
    """The text of a file. Raises `UnreadableError` where it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(Fault((), "UTF-8 text", Words(f"the byte 0x{data[error.start]:02x}")), line) from None


def parse(text: str) -> dict[str, Any]:
    """The document in a text. Raises `UnreadableError`."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        raise _located(text, str(error)) from None
    except RecursionError:
        raise UnreadableError(Fault((), "valid TOML", Words("values nested too deep")), 1) from None
    except ValueError:  # Python does not read whole numbers of thousands of digits
        match = _LONG_NUMBER.search(text)
        line = _line(text, match.start()) if match else 1
        raise UnreadableError(Fault((), "numbers of sensible length", Words("thousands of digits")), line) from None


def _decimal(number: str) -> Decimal:
    """What is too large or small for a decimal becomes infinite, which no setting accepts."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return Decimal("Infinity")


def _located(text: str, message: str) -> UnreadableError:
    """The parser's message at the line that a person has to change, with the key where that is known."""
    match = _POSITION.search(message)
    told = message[: match.start()] if match else message
    offset = _offset(text, match)
    place = last_place(text, offset)
    if told.startswith(_ABOUT_A_STATEMENT) or offset == len(text):
        offset = place.offset
    line = _line(text, offset)
    path = place.path if line == _line(text, place.offset) else ()
    rule = "each key and table once" if told.startswith(_TWICE) else f"valid TOML: {told[0].lower()}{told[1:]}"
    secret = place.path[:1] == ("tickets",)
    found = Words("a line with a secret") if secret else text.split("\n")[line - 1].strip()
    return UnreadableError(Fault(path, rule, found), line)


def _offset(text: str, match: re.Match[str] | None) -> int:
    """The offset of a position as the parser tells it: line and column from 1, or the end of the document."""
    if match is None or match[1] is None:
        return len(text)
    line, column = int(match[1]), int(match[2])
    return sum(len(each) + 1 for each in text.split("\n", line)[: line - 1]) + column - 1


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
