"""Work in a thread beside one that answers: in slices, each with a rest after it."""

from time import sleep, thread_time

SLICE_SECONDS = 0.001
RESTS = 4
"""How many times as long as it worked it rests: it takes a fifth of a processor at most."""


class Slices:
    """Called by a working thread after each piece of work; keeps it waiting when its slice is over."""

    def __init__(self) -> None:
        self._began_s = thread_time()

    def __call__(self) -> None:
        """Rest, if it is time to."""
        worked_s = thread_time() - self._began_s
        if worked_s >= SLICE_SECONDS:
            sleep(worked_s * RESTS)
            self._began_s = thread_time()


def at_once() -> None:
    """No rest: nobody waits for an answer."""
