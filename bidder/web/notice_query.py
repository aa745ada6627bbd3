"""The query of a notice: what the sender put in the place of the macros."""

from typing import Final
from urllib.parse import parse_qsl

MAX_QUERY_CHARS: Final = 14_000
"""Longer ones are refused. Enough for a landing page of `domain.landing.MAX_CHARS`, all of it percent-encoded."""

MAX_FIELDS: Final = 64


class Query:
    """Parameters by name. One that came more than once has no value: which of them counts is anybody's guess."""

    __slots__ = ("_values",)

    def __init__(self, raw: str) -> None:
        """`raw` is percent-encoded, without `?`. Raises `ValueError` beyond `MAX_QUERY_CHARS` or `MAX_FIELDS`."""
        if len(raw) > MAX_QUERY_CHARS:
            raise ValueError(f"a query has at most {MAX_QUERY_CHARS} characters, found {len(raw)}")
        self._values: dict[str, str | None] = {}
        for name, value in parse_qsl(raw, keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS):
            self._values[name] = None if name in self._values else value

    def text(self, name: str) -> str:
        """The value; empty where it is absent or came more than once."""
        return self._values.get(name) or ""

    def came_twice(self, *names: str) -> bool:
        """Whether one of the parameters came more than once."""
        return any(name in self._values and self._values[name] is None for name in names)
