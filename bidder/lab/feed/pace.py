"""When each request is due."""

from collections.abc import Callable


class Pace:
    """Even spacing at `rate` requests a second from the moment of creation, for `seconds`.

    The moment of a request depends on its number alone, so that slow answers make requests late but never fewer.
    `clock` gives seconds. At rate 0 a request is due when it is asked for.
    """

    def __init__(self, rate: float, seconds: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._start = clock()
        self._end = self._start + seconds

    def due(self, index: int) -> float | None:
        """The moment at which request `index`, counted from 0, is due; `None` where the time is over by then."""
        now = self._clock()
        due = self._start + index / self._rate if self._rate else now
        return due if max(due, now) < self._end else None

    def wait(self, due: float) -> float:
        """Seconds from now until `due`; 0 where it has passed."""
        return max(0.0, due - self._clock())

    def late_ms(self, due: float) -> float:
        """Milliseconds from `due` until now."""
        return (self._clock() - due) * 1000
