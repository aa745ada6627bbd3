"""Where the bidder is: the sockets of both ports, and their addresses as people and exchanges write them."""

import ipaddress
import socket
from collections.abc import Iterable

from bidder.processes.ports import PortError, bound, reserved
from bidder.processes.settings import Settings


class Places:
    """Both ports, taken."""

    def __init__(self, host: str, bid: socket.socket, web: socket.socket) -> None:
        self.host = host
        self.bid = bid
        """Reserved for the workers: bound, but it never listens."""
        self.web = web

    @classmethod
    def take(cls, settings: Settings) -> "Places":
        """Raises `PortError`."""
        bid = reserved(settings.host, settings.bid_port, "--bid-port")
        try:
            return cls(settings.host, bid, bound(settings.host, settings.web_port, "--web-port"))
        except PortError:
            bid.close()
            raise

    @classmethod
    def handed_down(cls, host: str, bid_fd: int, web_fd: int) -> "Places":
        """Ports that the watchdog has taken."""
        bid, web = socket.socket(fileno=bid_fd), socket.socket(fileno=web_fd)
        web.setblocking(False)
        return cls(host, bid, web)

    def close(self) -> None:
        """Let go of both."""
        self.bid.close()
        self.web.close()

    @property
    def bid_port(self) -> int:
        """The port that the workers share."""
        return int(self.bid.getsockname()[1])

    @property
    def bid_url(self) -> str:
        """Base of the paths of exchanges."""
        return _url(self.bid)

    @property
    def web_url(self) -> str:
        """Base of everything else."""
        return _url(self.web)


def greeting(places: Places, exchanges: Iterable[str]) -> str:
    """The two lines that a person needs: where to bid, where to look."""
    names = list(exchanges)
    paths = names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
    return f"bid   POST {places.bid_url}/openrtb2/{paths}\nlook  {places.web_url}/\n"


def _url(sock: socket.socket) -> str:
    """The URL of a socket; every address of this machine is written as the one that reaches it from here."""
    host, port = sock.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"
