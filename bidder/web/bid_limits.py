"""What callers of the bid port may hold of a worker, and what is counted of their connections."""

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What callers may hold of a worker."""

    connections: int = 8192
    """Of one worker; fewer where the system does not let it have so many descriptors."""
    request_seconds: float = 10.0
    """From the first byte of a request to the last byte of its answer; a slower caller is cut off."""
    idle_seconds: float = 75.0
    """Between two requests of a connection, and before the first."""
    linger_seconds: float = 2.0
    """How long the rest of a refused body is read, so that the caller gets to see the answer."""
    url_bytes: int = 4096
    header_bytes: int = 8190
    """Name and value of one header."""
    headers: int = 64
    backlog: int = 1024


class ConnectionCounts(msgspec.Struct):
    """Connections of one worker since it started; every number only grows."""

    opened: int = 0
    refused: int = 0
    """Closed at once, since there were too many."""
    timed_out: int = 0
    """Cut off in the middle of a request."""
    faults: int = 0
    """Requests that ended without a decision through a fault of ours."""
