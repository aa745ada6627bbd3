"""Where a URL leads: to a bidder on this machine, or nowhere. Nothing outside loopback is ever called."""

import ipaddress
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from yarl import URL


class NotLoopbackError(ValueError):
    """A URL that would leave this machine. The message names it and says what would be right."""


class Destination(Struct, frozen=True):
    """A URL on this machine; `host` is the Host header, where it differs from that of the URL."""

    url: URL
    host: str | None = None


_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Routes:
    """Public origins of the bidder and the loopback origins that stand behind them.

    An origin is scheme, host and port. The mock plays what is between browser and bidder elsewhere: DNS and TLS.
    """

    def __init__(self, origins: Mapping[str, str] | None = None) -> None:
        """`origins` maps such as "https://ads.example" to "http://127.0.0.1:8080". Raises `NotLoopbackError`."""
        self._behind = {_origin(URL(public)): loopback_url(local).origin() for public, local in (origins or {}).items()}

    def resolve(self, text: str) -> Destination | None:
        """Where to send a call for `text`, path and query as they are; `None` if that is elsewhere or no URL."""
        try:
            url = URL("https:" + text if text.startswith("//") else text, encoded=True)
            origin = _origin(url)
        except ValueError:
            return None
        if url.scheme not in _DEFAULT_PORTS or not url.host:
            return None
        behind = self._behind.get(origin)
        if behind is not None:
            local = url.with_scheme(behind.scheme).with_host(str(behind.host)).with_port(behind.port)
            return Destination(local, url.host_port_subcomponent)
        return Destination(url) if is_loopback(url.host) else None


def loopback_url(text: str) -> URL:
    """`text` as a URL with http or https on this machine. Raises `NotLoopbackError` otherwise."""
    try:
        url = URL(text)
        usable = url.scheme in _DEFAULT_PORTS and bool(url.host) and is_loopback(str(url.host))
    except ValueError:
        usable = False
    if not usable:
        raise NotLoopbackError(f"{text!r} is not on this machine; right is such as http://127.0.0.1:8000/openrtb2/demo")
    return URL(text)


def is_loopback(host: str) -> bool:
    """Whether a host is 127.0.0.0/8, ::1 or localhost."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.host, url.port
