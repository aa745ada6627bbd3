"""What the command line decides, and how it reaches the control process."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """How to serve."""

    config: Path
    """The configuration directory."""
    state: Path
    """The state directory."""
    workers: int | None
    """None: as the configuration says."""
    host: str
    bid_port: int
    """0: any free one."""
    web_port: int
    """0: any free one."""


class HandedDown(Struct, frozen=True, kw_only=True):
    """What the watchdog gives to each control process; descriptors are those of its own."""

    settings: Settings
    life: int
    """1 for the first control process."""
    bid_fd: int
    web_fd: int
    leash_fd: int
    """At its end when the watchdog is gone."""
    ready_fd: int
    """To write to once all workers answer."""

    def text(self) -> str:
        """In one line."""
        return msgspec.json.encode(self, enc_hook=str).decode()

    @staticmethod
    def read(text: str) -> "HandedDown":
        """What `text` gave. Raises `msgspec.DecodeError`."""
        return msgspec.json.decode(text, type=HandedDown, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    return kind(value)
