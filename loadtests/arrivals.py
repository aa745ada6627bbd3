"""When requests are due: seconds from the start of a run. An open loop: no answer is waited for."""

from collections.abc import Callable, Iterator
from random import Random


def constant(rate: float, seconds: float) -> Iterator[float]:
    """Evenly spaced, `rate` of them in each second."""
    return (number / rate for number in range(round(rate * seconds)))


def poisson(rate: float, seconds: float, chance: Random) -> Iterator[float]:
    """As many independent callers make them: gaps of exponential length, the mean of them `1 / rate`."""
    due = chance.expovariate(rate)
    while due < seconds:
        yield due
        due += chance.expovariate(rate)


class Pacer:
    """Hands out what is due. Late or not, every arrival is handed out with the moment that it was meant for."""

    def __init__(self, arrivals: Iterator[float], clock: Callable[[], float]) -> None:
        """`clock` tells seconds; it is read once here, and arrivals count from then."""
        self._arrivals = arrivals
        self._clock = clock
        self.started_s = clock()
        self.next_s: float | None = next(arrivals, None)
        """The next one, from the start; `None` after the last."""

    @property
    def next_at_s(self) -> float | None:
        """The moment of the next one on the clock."""
        return None if self.next_s is None else self.started_s + self.next_s

    def due(self, most: int) -> Iterator[float]:
        """The moments from the start of all that are due, at most so many."""
        elapsed_s = self._clock() - self.started_s
        while most and self.next_s is not None and self.next_s <= elapsed_s:
            yield self.next_s
            self.next_s = next(self._arrivals, None)
            most -= 1
