"""Text that was meant as a macro but that no exchange would replace."""

import difflib
import re
from collections.abc import Collection
from enum import StrEnum
from itertools import islice

from msgspec import Struct

from openrtb.macros.encoding import ENCODINGS
from openrtb.macros.token import TOKEN_PATTERN, Macro


class Problem(StrEnum):
    """Why a text is no token (OpenRTB 2.6, 4.4: names are upper case and matched literally)."""

    PERCENT_ENCODED = "is percent-encoded, and macros are matched literally"
    DELIMITERS = "is not enclosed in ${ and }"
    CASE = "is not in upper case"
    NAME = "is not spelt as in the specification"
    OPENRTB_3 = "is a macro of OpenRTB 3.0"
    UNKNOWN = "is no macro of the specification"
    ENCODING = "asks for an encoding that was not agreed on"


class Misspelt(Struct, frozen=True):
    """A would-be token: `text`, found at `start`, and the token that was probably `meant`."""

    text: str
    start: int
    problem: Problem
    meant: str | None


OPENRTB_3_NAMES = {
    "OPENRTB_ID": Macro.AUCTION_ID,
    "OPENRTB_BID_ID": Macro.AUCTION_BID_ID,
    "OPENRTB_ITEM_ID": Macro.AUCTION_IMP_ID,
    "OPENRTB_SEAT_ID": Macro.AUCTION_SEAT_ID,
    "OPENRTB_MEDIA_ID": Macro.AUCTION_AD_ID,
    "OPENRTB_PRICE": Macro.AUCTION_PRICE,
    "OPENRTB_CURRENCY": Macro.AUCTION_CURRENCY,
    "OPENRTB_MBR": Macro.AUCTION_MBR,
    "OPENRTB_LOSS": Macro.AUCTION_LOSS,
    "OPENRTB_MIN_TO_WIN": Macro.AUCTION_MIN_TO_WIN,
    "OPENRTB_ITEM_QTY": Macro.AUCTION_MULTIPLIER,
}
"""Macros of OpenRTB 3.0 and what takes their place in 2.x."""

MAX_MISSPELT = 100
"""The most that is reported of one text; bounds the time a hostile one can take."""

# `%2524` is a `$` that was encoded twice. Every repeat is bounded, so the search is linear.
_CANDIDATE = re.compile(
    r"(?P<open>(?:\$|%(?:25){0,3}24)(?:\{|%(?:25){0,3}7B)|\$\(|(?P<bare>\$)|\{\{?|%7B|\[|\#\{|%%)"
    r"(?P<name>[ ]?(?:AUCTION|OPENRTB|DSA)(?(bare)[A-Z0-9_]{0,40}+|[A-Z0-9_ .-]{0,40}+))"
    r"(?(bare)|(?:(?::|%3A)(?P<encoding>[A-Z0-9_]{0,40}+))?(?P<close>\}\}?|%(?:25){0,3}7D|\)|\]|%%)?)",
    re.IGNORECASE,
)
_TOKEN = re.compile(TOKEN_PATTERN)
_WORD = re.compile(r"\w+", re.ASCII)
_VAGUE = {"$", "$(", "{", "{{", "%7B", "%7b", "[", "#{"}
_LETTERS = {re.sub("[^A-Z0-9]", "", name): macro for name, macro in ({m: m for m in Macro} | OPENRTB_3_NAMES).items()}


def misspelt(text: str, *, encodings: Collection[str] = ENCODINGS) -> list[Misspelt]:
    """What in `text` looks like a macro but would not be replaced, in order of place, up to `MAX_MISSPELT` of them.

    Reported are names in lower case, with other separators, of OpenRTB 3.0 or unknown; braces that are missing or
    replaced by `%%`, `{{`, `[` or `$(`; percent-encoded tokens; encodings not in `encodings`. An `auction_price` with
    nothing of a macro around it is not reported: it may well be the name of a query parameter.
    """
    judged = (_judge(candidate, encodings) for candidate in _CANDIDATE.finditer(text))
    return list(islice((misspelling for misspelling in judged if misspelling is not None), MAX_MISSPELT))


def _judge(candidate: re.Match[str], encodings: Collection[str]) -> Misspelt | None:
    token = _TOKEN.match(candidate.string, candidate.start())
    if token is not None and (token["encoding"] is None or token["encoding"] in encodings):
        return None
    opening, name, close = candidate["open"], candidate["name"], candidate["close"] or ""
    written = candidate.group()
    if not close:  # nothing says where the name ends, so it ran into the words after it
        name = _WORD.findall(name)[0]
        written = opening + name
    macro = _LETTERS.get(re.sub("[^A-Z0-9]", "", name.upper()))
    if not _is_meant(opening, name, close, macro):
        return None
    encoding = candidate["encoding"] if candidate["encoding"] in encodings else None
    meant = macro or _similar(name)
    return Misspelt(
        text=written,
        start=candidate.start(),
        problem=_problem(opening, name, close, macro),
        meant=meant.token(encoding) if meant else None,
    )


def _is_meant(opening: str, name: str, close: str, macro: Macro | None) -> bool:
    """Whether it is a macro at all: `${` announces one, other delimiters must enclose the exact name of one."""
    announced = opening not in _VAGUE
    if macro is None:
        return announced and opening != "%%" and name.isupper()
    if announced:
        return bool(close) or opening != "%%"
    return name == macro and (bool(close) or opening == "$")


def _problem(opening: str, name: str, close: str, macro: Macro | None) -> Problem:
    delimiters = opening + close
    if macro is None:
        return Problem.UNKNOWN
    if "%" in delimiters.replace("%%", ""):
        return Problem.PERCENT_ENCODED
    if not (opening == "${" and close.startswith("}")):
        return Problem.DELIMITERS
    if name.startswith("OPENRTB"):
        return Problem.OPENRTB_3
    if name == macro:
        return Problem.ENCODING
    return Problem.CASE if name.upper() == macro else Problem.NAME


def _similar(name: str) -> Macro | None:
    close = difflib.get_close_matches(name, list(Macro), n=1, cutoff=0.8)
    return Macro(close[0]) if close else None
