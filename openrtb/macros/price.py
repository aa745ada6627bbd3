"""Reading a price that an exchange put in the place of a macro."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

from msgspec import Struct


class PriceKind(StrEnum):
    """What stands where a price should: each needs its own treatment, and only `VALUE` is money."""

    VALUE = "value"
    AUDIT = "audit"  # markup rendered for tests or quality checks
    EMPTY = "empty"  # the exchange does not tell
    UNEXPANDED = "unexpanded"  # still a macro, raw or percent-encoded, spelt right or wrong
    NOT_A_NUMBER = "not a number"
    NEGATIVE = "negative"
    NON_FINITE = "non-finite"
    OUT_OF_RANGE = "out of range"  # more micros than 63 bits hold


class Price(Struct, frozen=True):
    """A price as received. `cpm_micros` is in millionths of the currency per thousand impressions."""

    kind: PriceKind
    cpm_micros: int | None = None  # only of a VALUE


MAX_TEXT = 64
"""Characters of the longest text read as a number."""

MAX_MICROS = 2**63 - 1

_TEMPLATE = re.compile(r"[{\[] ?[A-Z]|\$\(?[A-Z]|%(?:25){0,3}(?:24|7B)|%%", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NON_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_EXACT = Context(prec=2 * MAX_TEXT, rounding=ROUND_HALF_EVEN)


def read_price(text: str, *, decode: Callable[[str], str] | None = None) -> Price:
    """The price that stands in a notice where `${AUCTION_PRICE}` stood (OpenRTB 2.6, 4.4); raises nothing.

    `text` is the value as the query parser gives it; `decode` undoes an agreed encoding, such as `from_base64` for
    `${AUCTION_PRICE:B64}`, and raises ValueError for what it cannot read. Also reads the other prices, such as
    `${AUCTION_MIN_TO_WIN}`, and any decimal in millionths. Digits beyond micros are rounded half to even; an exponent
    has at most three digits.
    """
    text = text.strip()
    kind = _placeholder(text)
    if kind is None and decode is not None:
        try:
            text = decode(text).strip()
        except ValueError:
            return Price(PriceKind.NOT_A_NUMBER)
        kind = _placeholder(text)
    return _number(text) if kind is None else Price(kind)


def _placeholder(text: str) -> PriceKind | None:
    if not text:
        return PriceKind.EMPTY
    if text.upper() == "AUDIT":
        return PriceKind.AUDIT
    return PriceKind.UNEXPANDED if _TEMPLATE.search(text) else None


def _number(text: str) -> Price:
    if _NON_FINITE.fullmatch(text):
        return Price(PriceKind.NON_FINITE)
    if len(text) > MAX_TEXT or not _NUMBER.fullmatch(text):
        return Price(PriceKind.NOT_A_NUMBER)
    cpm = Decimal(text)
    if cpm < 0:
        return Price(PriceKind.NEGATIVE)
    cpm_micros = int(_EXACT.scaleb(cpm, 6).to_integral_value(ROUND_HALF_EVEN))
    return Price(PriceKind.VALUE, cpm_micros) if cpm_micros <= MAX_MICROS else Price(PriceKind.OUT_OF_RANGE)
