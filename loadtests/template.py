"""Requests made ahead of a run: bytes in which only the request id and the user differ from one sending to the next."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from loadtests.target import Target
from loadtests.wire import post

DEFAULT_TMAX_S = 0.1
"""The deadline where a request names none."""

_ID = b"@request-id@----"
_USER = b"@user-id@-----------------------"

DOMAINS = tuple(f"{word}.example" for word in ("news", "sport", "recipes", "games", "weather", "travel", "finance"))
"""Where a request from a file is said to come from, in turn."""


class Shot(NamedTuple):
    """One request to be sent."""

    number: int
    template: "Template"
    wire: bytes


class Template(NamedTuple):
    """One request without its ids, whose length is fixed, so that all else is the same for all made of it."""

    before_id: bytes
    before_user: bytes
    after_user: bytes | None
    """`None` where the request has no user id."""
    tmax_s: float
    request: Mapping[str, Any]
    """As it was parsed, with a placeholder as id."""

    def wire(self, request_id: bytes, user: bytes) -> bytes:
        """The HTTP request with these ids, of 16 and 32 bytes."""
        if self.after_user is None:
            return b"".join((self.before_id, request_id, self.before_user))
        return b"".join((self.before_id, request_id, self.before_user, user, self.after_user))


def template(request: Mapping[str, Any], target: Target) -> Template:
    """A request as a template: its `id` and `user.id` are replaced."""
    marked = dict(request) | {"id": _ID.decode()}
    if isinstance(marked.get("user"), dict) and "id" in marked["user"]:
        marked["user"] = marked["user"] | {"id": _USER.decode()}
    before_id, _, rest = post(target.authority, target.path, orjson.dumps(marked)).partition(_ID)
    before_user, found, after_user = rest.partition(_USER)
    tmax_s = marked["tmax"] / 1000 if marked.get("tmax") else DEFAULT_TMAX_S
    return Template(before_id, before_user, after_user if found else None, tmax_s, marked)


def from_file(path: Path) -> list[dict[str, Any]]:
    """The request in a file, as it would come from several sites. Raises `OSError`, `ValueError`."""
    request = orjson.loads(path.read_bytes())
    if not isinstance(request, dict) or not isinstance(request.get("imp"), list):
        raise ValueError(f"{path}: a bid request is needed, a JSON object with `imp`")  # noqa: TRY004 - the file is at fault
    if not isinstance(request.get("site"), dict):
        return [request]
    return [request, *(request | {"site": request["site"] | {"domain": domain}} for domain in DOMAINS)]


class Magazine:
    """Shots without end out of some templates in turn, no two with the same request id."""

    def __init__(self, templates: Sequence[Template], run: int) -> None:
        """`run` makes the ids of this run differ from those of another; 32 bits of it are used."""
        if not templates:
            raise ValueError("at least one template is needed")
        self.templates = templates
        self._run = b"%08x" % (run & 0xFFFFFFFF)

    def shot(self, number: int) -> Shot:
        """The shot of that number."""
        made = self.templates[number % len(self.templates)]
        # users come back after a while, in an order that has nothing to do with that of the templates
        user = b"%032x" % ((number * 0x9E3779B1) & 0xFFFFF)
        return Shot(number, made, made.wire(self.request_id(number), user))

    def unsent(self, number: int) -> Shot:
        """The same without its bytes, for what becomes of it unsent."""
        return Shot(number, self.templates[number % len(self.templates)], b"")

    def request_id(self, number: int) -> bytes:
        """The id of the request of that number, 16 bytes."""
        return self._run + b"%08x" % number

    def __iter__(self) -> Iterator[Shot]:
        number = 0
        while True:
            yield self.shot(number)
            number += 1
