"""Ports that nobody listens on."""

import random
import socket
from itertools import islice

BELOW_EPHEMERAL = range(15_000, 32_000)
"""What the system gives to nobody by itself, so that no connection of another test takes a port before its turn."""


def free_ports(count: int) -> list[int]:
    """So many different ports that were free a moment ago."""
    drawn = random.SystemRandom().sample(BELOW_EPHEMERAL, len(BELOW_EPHEMERAL))
    return list(islice(filter(_is_free, drawn), count))


def _is_free(port: int) -> bool:
    with socket.socket() as each:
        try:
            each.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
