"""What a bidder would have remembered of a user or an address when a row came: counts over a sliding window."""

from collections import defaultdict, deque

from models.facts import Fact


class History:
    """Times of earlier rows by key, each forgotten after `window_s` seconds."""

    def __init__(self, window_s: int) -> None:
        self._window_ms = window_s * 1000
        self._times: defaultdict[object, deque[int]] = defaultdict(deque)

    def visit(self, key: object, at_ms: int) -> tuple[int, float | None]:
        """How often the key was seen within the window and how many seconds ago last; then remember this time.

        Times must not go back.
        """
        times = self._times[key]
        while times and at_ms - times[0] > self._window_ms:
            times.popleft()
        seen, idle_s = len(times), (at_ms - times[-1]) / 1000 if times else None
        times.append(at_ms)
        return seen, idle_s


def remember(history: History, key: object, at_ms: int, names: tuple[str, str]) -> dict[str, Fact]:
    """The facts of a visit under the names of the count and of the seconds since."""
    seen, idle_s = history.visit(key, at_ms)
    return {names[0]: seen, names[1]: idle_s}
