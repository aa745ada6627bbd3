"""A checked configuration on its way to the workers: written by control, read by each of them.

The file begins with the directory without its campaigns; then there is a parcel for each advertiser's file, under a
digest of what is in it. A worker opens only parcels that it does not hold already. A parcel is a series of msgpack
pieces, one for each campaign, so that it can be read between two requests instead of in one long breath. The file may
hold secrets, and only its owner can read it.
"""

import mmap
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bidder.config.schema import Advertiser, Campaign, Config

_LENGTH = struct.Struct(">I")
_DIGEST_BYTES = 16
_encode = msgspec.msgpack.Encoder().encode
_decode_config = msgspec.msgpack.Decoder(Config).decode
_decode_campaign = msgspec.msgpack.Decoder(tuple[str, int, Campaign]).decode


class Placed(NamedTuple):
    """A campaign, its advertiser, and its place on the board."""

    advertiser: str
    slot: int
    campaign: Campaign


class Parcel(NamedTuple):
    """What one advertiser's file holds, as it was handed over."""

    digest: bytes
    body: memoryview | bytes

    def open(self) -> Iterator[Placed]:
        """The campaigns. Raises `msgspec.DecodeError`."""
        return (Placed(*_decode_campaign(piece)) for piece in _cut(memoryview(self.body)))


class Handed(NamedTuple):
    """What a worker needs to make a configuration live."""

    config: Config
    """Without campaigns."""
    parcels: list[Parcel]


class Packer:
    """Writes configuration after configuration; an advertiser's file that is as before is not packed again."""

    def __init__(self) -> None:
        self._packed: dict[Packing, Parcel] = {}

    def write(self, path: Path, config: Config, slots: Mapping[str, int]) -> None:
        """Write the file, whole or not at all. `slots` has the places of campaigns on the board. Raises `OSError`."""
        packings = [
            Packing(each, tuple(slots[campaign.id] for campaign in each.campaigns)) for each in config.advertisers
        ]
        self._packed = {each: self._packed.get(each) or each.parcel() for each in packings}
        aside = path.with_suffix(".new")
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            for piece in self._pieces(config):
                file.write(_LENGTH.pack(len(piece)))
                file.write(piece)
        aside.replace(path)

    def _pieces(self, config: Config) -> Iterator[bytes | memoryview]:
        yield _encode(replace(config, advertisers=(), files=()))
        for parcel in self._packed.values():
            yield parcel.digest
            yield parcel.body


class Packing:
    """One advertiser's file to be packed. Equal is the same object with the same places, for that is quickly seen."""

    __slots__ = ("_advertiser", "_slots")

    def __init__(self, advertiser: Advertiser, slots: tuple[int, ...]) -> None:
        self._advertiser = advertiser
        self._slots = slots

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packing) and self._advertiser is other._advertiser and self._slots == other._slots

    def __hash__(self) -> int:
        return id(self._advertiser)

    def parcel(self) -> Parcel:
        """The file, packed."""
        name, campaigns = self._advertiser.advertiser, self._advertiser.campaigns
        pieces = (_encode((name, slot, campaign)) for slot, campaign in zip(self._slots, campaigns, strict=True))
        body = b"".join(_LENGTH.pack(len(piece)) + piece for piece in pieces)
        return Parcel(blake2b(body, digest_size=_DIGEST_BYTES).digest(), body)


def read(path: Path) -> Handed:
    """What `Packer.write` wrote. The file may be removed meanwhile. Raises `OSError`, `msgspec.DecodeError`."""
    with path.open("rb") as file:
        pieces = _cut(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    config = _decode_config(next(pieces))
    return Handed(config, [Parcel(bytes(digest), next(pieces)) for digest in pieces])


def last_good(paths: Sequence[Path]) -> Config | None:
    """The configuration that went live last; None where there is none that can be read."""
    for path in reversed(paths):
        try:
            return _whole(read(path))
        except (OSError, ValueError, msgspec.DecodeError):  # it was never finished
            continue
    return None


def _whole(handed: Handed) -> Config:
    """The configuration with its campaigns; names of files and advertisers are not handed over."""
    campaigns: dict[str, list[Campaign]] = {}
    for parcel in handed.parcels:
        for placed in parcel.open():
            campaigns.setdefault(placed.advertiser, []).append(placed.campaign)
    advertisers = tuple(Advertiser(advertiser=name, campaigns=tuple(each)) for name, each in campaigns.items())
    return replace(handed.config, advertisers=advertisers)


def _cut(view: memoryview) -> Iterator[memoryview]:
    offset = 0
    while offset < len(view):
        (length,) = _LENGTH.unpack_from(view, offset)
        offset += _LENGTH.size
        yield view[offset : offset + length]
        offset += length
