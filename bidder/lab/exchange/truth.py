"""The hidden truth: how likely a person clicks and buys. No bidder is told; it can only learn."""

import math
from functools import lru_cache

from msgspec import Struct

from bidder.lab.exchange.dice import effect
from bidder.lab.exchange.traffic import Person, Placement

_CONVERSION_RATE = 0.15
"""Of clicks, where nothing speaks for or against."""

_CURIOSITY = 2.0
"""People here click that much more than elsewhere, so that a minute has clicks enough to watch."""


class Truth(Struct, frozen=True):
    """A logit over advertiser domain, placement and person, with effects that `seed` fixes once and for all."""

    seed: int

    def click_probability(self, domain: str, placement: Placement, someone: Person) -> float:
        """The chance that the person clicks the ad once it is on the screen."""
        base = _logit(_CURIOSITY * placement.surface.click_rate) + 0.8 * (placement.surface.viewability - 0.6)
        return _logistic(base + 0.35 * self._score("click", domain, placement, someone))

    def conversion_probability(self, domain: str, placement: Placement, someone: Person) -> float:
        """The chance that the person buys after the click."""
        return _logistic(_logit(_CONVERSION_RATE) + 0.5 * self._score("conversion", domain, placement, someone))

    def _score(self, what: str, domain: str, placement: Placement, someone: Person) -> float:
        """A sum of standard normal effects: main ones, and the affinities a good model finds."""
        interests = sum(self._effect(what, "interest", domain, segment) for segment in someone.segments)
        return (
            self._effect(what, "ad", domain)
            + self._effect(what, "placement", placement.key)
            + self._effect(what, "context", domain, placement.publisher.categories[0])
            + self._effect(what, "device", domain, someone.device.kind)
            + 0.7 * self._effect(what, "place", someone.place.country, domain)
            + 0.5 * self._effect(what, "person", someone.token)
            + interests
        )

    def _effect(self, *names: str) -> float:
        return _kept_effect(self.seed, *names)


@lru_cache(maxsize=100_000)
def _kept_effect(seed: int, *names: str) -> float:
    return effect(seed, *names)


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-score))
