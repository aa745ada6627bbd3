"""What the command line decides."""

from pathlib import Path

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """How to serve."""

    config: Path
    """The configuration directory."""
    state: Path
    """The state directory."""
    workers: int
    host: str
    bid_port: int
    """0: any free one."""
    web_port: int
    """0: any free one."""
