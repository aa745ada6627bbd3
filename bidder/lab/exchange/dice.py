"""Reproducible chance: every draw is a function of the seed, what it decides and the number of the request."""

from enum import IntEnum
from hashlib import blake2b
from random import Random
from statistics import NormalDist

_UNIT_NORMAL = NormalDist()


class Draw(IntEnum):
    """What is decided. Draws for one thing never shift those for another."""

    TRAFFIC = 1
    PERSON = 2
    MARKET = 3
    AFTERMATH = 4


def dice(seed: int, draw: Draw, number: int = 0, part: int = 0) -> Random:
    """The random numbers for one decision. `number` below 2**64 and `part` below 2**16 tell decisions apart."""
    return Random((seed << 96) | (draw << 80) | (number << 16) | part)  # noqa: S311


def effect(seed: int, *names: str) -> float:
    """A standard normal draw that belongs to these names for good."""
    digest = blake2b("\0".join((str(seed), *names)).encode(), digest_size=6).digest()
    return _UNIT_NORMAL.inv_cdf((int.from_bytes(digest) + 0.5) / 2**48)
