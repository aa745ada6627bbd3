"""Remembering what was seen, in bounded memory."""

from collections.abc import Hashable


class Memory:
    """Knows the latest keys: at least `capacity` of them, at most twice as many. What is older counts as new again."""

    __slots__ = ("_capacity", "_older", "_recent")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._recent: set[Hashable] = set()
        self._older: set[Hashable] = set()

    def is_new(self, key: Hashable) -> bool:
        """Whether the key was not seen yet; from here on it was."""
        if key in self._recent or key in self._older:
            return False
        if len(self._recent) >= self._capacity:
            self._older, self._recent = self._recent, set()
        self._recent.add(key)
        return True
