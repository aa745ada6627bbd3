"""Money as integer micros: a millionth of a currency unit.

The price of one impression is micros; a CPM, the price of a thousand, is what people and exchanges write. One micro per
impression is 0.001 CPM, the finest step a bid can take. Each conversion rounds once, in the direction its name says.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from math import ceil
from typing import NewType

Micros = NewType("Micros", int)
"""Integer micros; per impression where it is a price."""

MICROS = 1_000_000
"""Micros in one currency unit."""

RATE_UNIT = 1_000_000_000
"""Fixed-point unit of an exchange rate: account currency per unit of the foreign one, times this."""


def micros_from_cpm(cpm: Decimal) -> Micros:
    """The price of one impression at a CPM that a person wrote, to the nearest micro."""
    return Micros(int((cpm * 1000).to_integral_value(ROUND_HALF_EVEN)))


def micros_from_amount(amount: Decimal) -> Micros:
    """An amount of money that a person wrote, such as a budget, to the nearest micro."""
    return Micros(int((amount * MICROS).to_integral_value(ROUND_HALF_EVEN)))


UNPAYABLE = Micros(1 << 60)
"""A floor beyond all money, which fits a signed 64-bit cell."""

_MOST_CPM = 1e12


def floor_micros_from_wire(cpm: float) -> Micros:
    """A floor from the wire, rounded up, so that a bid at this price is never below it; a negative one is none.

    The wire carries decimals as binary floats; what is within a millionth of a micro above a whole
    one is that whole one (0.07 * 1000 is 70.00000000000001, and means 70).
    """
    if cpm <= 0:
        return Micros(0)
    return Micros(ceil(cpm * 1000 - 1e-6)) if cpm < _MOST_CPM else UNPAYABLE


def price_micros_from_text(text: str) -> Micros:
    """A clearing price (CPM) from a notice, exact and rounded down. Raises `decimal.InvalidOperation`, `ValueError`."""
    return Micros(int((Decimal(text) * 1000).to_integral_value(ROUND_FLOOR)))


def cpm_from_micros(price: Micros) -> float:
    """The CPM to put on the wire: the double nearest to price / 1000, which prints with at most three decimals."""
    return price / 1000


def to_account_up(micros: int, rate: int) -> Micros:
    """Foreign micros in the account currency, rounded up; `rate` as `RATE_UNIT` says."""
    return Micros(-(-micros * rate // RATE_UNIT))


def to_account_down(micros: int, rate: int) -> Micros:
    """Foreign micros in the account currency, rounded down."""
    return Micros(micros * rate // RATE_UNIT)


def from_account_up(micros: int, rate: int) -> Micros:
    """Account micros in the foreign currency, rounded up."""
    return Micros(-(-micros * RATE_UNIT // rate))


def from_account_down(micros: int, rate: int) -> Micros:
    """Account micros in the foreign currency, rounded down."""
    return Micros(micros * RATE_UNIT // rate)


def rate_from_text(rate: Decimal) -> int:
    """Account currency per unit of the foreign one, as a fixed-point integer. Raises `ValueError` if not positive."""
    fixed = int((rate * RATE_UNIT).to_integral_value(ROUND_CEILING))
    if fixed <= 0:
        raise ValueError(f"an exchange rate is positive, found {rate}")
    return fixed
