"""A desk of models that remembers what it was asked to change."""

import msgspec

from models.errors import RefusedError, StoreError


class Told(msgspec.Struct):
    live: str = "1"


class FakeDesk:
    """Knows `ctr` alone, whose version 9 is wrong."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, ...]] = []

    def status(self) -> Told:
        return Told()

    async def promote(self, name: str, version: str, why: str) -> None:
        self._known(name)
        if version == "9":
            raise RefusedError("ctr:9", ["model.txt is missing"])
        self.changes.append(("promote", name, version, why))

    async def rollback(self, name: str, why: str) -> None:
        self._known(name)
        self.changes.append(("rollback", name, why))

    async def canary(self, name: str, version: str, share: float, why: str) -> None:
        self._known(name)
        self.changes.append(("canary", name, version, f"{share:.2f}", why))

    async def shadow(self, name: str, version: str, why: str) -> None:
        self._known(name)
        self.changes.append(("shadow", name, version, why))

    def clear(self, name: str, role: str, why: str) -> None:
        self._known(name)
        self.changes.append(("clear", name, role, why))

    def _known(self, name: str) -> None:
        if name != "ctr":
            raise StoreError(f"bidder.toml names no model {name}")
