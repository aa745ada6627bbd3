"""Where the people are: cities with what an exchange says of them."""

import csv
from enum import StrEnum
from importlib.resources import files
from typing import Final

import msgspec
from msgspec import Struct


class Regime(StrEnum):
    """The privacy law of a place."""

    GDPR = "gdpr"
    US_STATE = "us state"  # a state with a law of its own
    US = "us"
    NONE = "none"


class Place(Struct, frozen=True):
    """A city."""

    country: str  # ISO 3166-1 alpha-3
    region: str  # ISO 3166-2, without the country
    city: str
    zip: str
    lat: float
    lon: float
    utcoffset: int  # minutes
    language: str
    carrier: str
    mccmnc: str
    regime: Regime
    weight: int  # share of the people
    wealth: float  # what advertisers pay here, relative to the USA
    metro: str | None = None  # designated market area, USA only


def _read() -> tuple[Place, ...]:
    text = files(__package__).joinpath("places.csv").read_text()
    rows = ({name: value or None for name, value in row.items()} for row in csv.DictReader(text.splitlines()))
    return tuple(msgspec.convert(row, Place, strict=False) for row in rows)


PLACES: Final = _read()
"""Every city of the market."""
