"""How likely a price wins on an exchange, and what it then pays: from what became of bids near it. Pure."""

from math import log2

from bidder.processes.appraisal import Met

BINS_PER_OCTAVE = 4
NEAR = 4
"""Bins to each side that count as near: an octave."""

PRIOR_BIDS = 10.0
FADE_AT = 20_000
"""Bids of an exchange, at which all that is known counts half from then on."""


class Curve:
    """The bids of one exchange by price: how many were made, how many won."""

    def __init__(self) -> None:
        self.bids = 0.0
        self._made: dict[int, float] = {}
        self._won: dict[int, float] = {}
        self._offered = self._paid = 0.0

    def learn(self, met: Met) -> None:
        """Take in a bid and what became of it."""
        place = _bin(met.price_micros)
        self.bids += 1
        self._made[place] = self._made.get(place, 0) + 1
        if met.paid_micros is not None:
            self._won[place] = self._won.get(place, 0) + 1
            self._offered += met.price_micros
            self._paid += met.paid_micros
        if self.bids >= FADE_AT:
            self._fade()

    def win_rate(self, price_micros: int) -> float:
        """The share of bids near this price that won, drawn to that of all bids where there are few."""
        near = range(_bin(price_micros) - NEAR, _bin(price_micros) + NEAR + 1)
        made, won = (sum(counts.get(place, 0) for place in near) for counts in (self._made, self._won))
        overall = (sum(self._won.values()) + 1) / (self.bids + 2)
        return (won + PRIOR_BIDS * overall) / (made + PRIOR_BIDS)

    @property
    def paid_share(self) -> float:
        """What part of its price a won bid pays."""
        return self._paid / self._offered if self._offered else 1.0

    def _fade(self) -> None:
        self.bids /= 2
        self._offered, self._paid = self._offered / 2, self._paid / 2
        for counts in (self._made, self._won):
            for place in counts:
                counts[place] /= 2


class Market:
    """The curves of all exchanges."""

    def __init__(self) -> None:
        self.met = 0
        self._curves: dict[str, Curve] = {}

    def learn(self, met: Met) -> None:
        """Take in a bid and what became of it."""
        self.met += 1
        self.curve(met.exchange).learn(met)

    def curve(self, exchange: str) -> Curve:
        """What is known of an exchange."""
        return self._curves.setdefault(exchange, Curve())


def _bin(price_micros: int) -> int:
    return int(log2(max(price_micros, 1)) * BINS_PER_OCTAVE)
