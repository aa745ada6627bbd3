"""Where requests go: a URL on this machine, and nowhere else."""

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

REACH_SECONDS = 2.0
RIGHT = "right is such as http://127.0.0.1:8000/openrtb2/demo"


class NotLoopbackError(ValueError):
    """A URL that would leave this machine, or is none. The message names it and says what would be right."""


class NotReachableError(ConnectionError):
    """Nobody takes connections where requests should go. The message names it."""

    def __init__(self, url: str, error: OSError) -> None:
        super().__init__(f"{url}: {error.strerror or error}; is the bidder running?")


class Target(NamedTuple):
    """A URL in its parts."""

    host: str
    """A loopback address."""
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"http://{self.authority}{self.path}"


def target(url: str) -> Target:
    """The parts of a plain HTTP URL on a loopback address. Raises `NotLoopbackError`."""
    try:
        parts = urlsplit(url)
        host = "127.0.0.1" if parts.hostname == "localhost" else str(parts.hostname)
        usable = parts.scheme == "http" and ipaddress.ip_address(host).is_loopback and parts.username is None
        found = Target(host, parts.port or 80, parts.path or "/")
    except ValueError:
        usable, found = False, None
    if not usable or found is None:
        raise NotLoopbackError(f"{url!r} is not on this machine; {RIGHT}")
    return found


def reach(to: Target) -> None:
    """Return where connections are taken. Raises `NotReachableError`."""
    try:
        socket.create_connection((to.host, to.port), timeout=REACH_SECONDS).close()
    except OSError as error:
        raise NotReachableError(to.url, error) from error
