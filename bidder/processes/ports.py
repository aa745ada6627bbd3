"""Taking ports: one for the web, one that all workers share (SO_REUSEPORT)."""

import errno
import socket


class PortError(Exception):
    """A port cannot be had; the message says which, why, and what to do."""


def bound(host: str, port: int, option: str) -> socket.socket:
    """A socket of our own on a port, 0 for any free one; `option` is how the port is chosen, for the message.

    Raises `PortError`.
    """
    return _bound(host, port, option, shared=False)


def reserved(host: str, port: int, option: str) -> socket.socket:
    """A port that sockets of `shared` can join. It is bound but does not listen, so that no connection is lost in it.

    Raises `PortError`, also where another program of the same user shares the port with its own kind.
    """
    with _bound(host, port, option, shared=False) as probe:
        found = probe.getsockname()[1]
    return _bound(host, found, option, shared=True)


def shared(host: str, port: int) -> socket.socket:
    """A socket on a port that is reserved. Raises `PortError`."""
    return _bound(host, port, "--bid-port", shared=True)


def _bound(host: str, port: int, option: str, *, shared: bool) -> socket.socket:
    family, address = _address(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise PortError(f"{host}:{port} ({option}): {_why(error)}") from error
    return sock


def _address(host: str, port: int) -> tuple[int, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, OverflowError) as error:
        raise PortError(f"{host}:{port} (--host): not an address of this machine: {error}") from error
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


def _why(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another program has this port; stop it, or choose another port"
        case errno.EACCES:
            return "this user may not have this port; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address; choose another with --host"
        case _:
            return error.strerror or str(error)
