"""A checked configuration on its way to the workers: written once by control, read by each of them.

The file is a series of msgpack pieces, each small, so that a worker can read it between two requests instead of in one
long breath: first the directory without its campaigns, then advertiser by advertiser, campaign by campaign. It may hold
secrets, and only its owner can read it.
"""

import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bidder.config.schema import Advertiser, Campaign, Config

_PREFIX = struct.Struct(">I")
_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(tuple[Config, dict[str, int]]).decode
_decode_advertiser = msgspec.msgpack.Decoder(tuple[Advertiser, int]).decode
_decode_campaign = msgspec.msgpack.Decoder(Campaign).decode


class Handover(NamedTuple):
    """What a worker needs to make a configuration live."""

    config: Config
    slots: Mapping[str, int]
    """The place of each campaign on the board."""


def write(path: Path, handover: Handover) -> None:
    """Write the file, whole or not at all. Raises `OSError`."""
    aside = path.with_suffix(".new")
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        for piece in _pieces(handover):
            file.write(_PREFIX.pack(len(piece)))
            file.write(piece)
    aside.replace(path)


def read(path: Path) -> Handover:
    """What `write` wrote. Raises `OSError`, `msgspec.DecodeError`."""
    pieces = _cut(path.read_bytes())
    config, slots = _decode_head(next(pieces))
    advertisers = []
    for piece in pieces:
        advertiser, count = _decode_advertiser(piece)
        campaigns = tuple(_decode_campaign(next(pieces)) for _ in range(count))
        advertisers.append(replace(advertiser, campaigns=campaigns))
    return Handover(replace(config, advertisers=tuple(advertisers)), slots)


def _pieces(handover: Handover) -> Iterator[bytes]:
    config = handover.config
    yield _encode((replace(config, advertisers=()), dict(handover.slots)))
    for advertiser in config.advertisers:
        yield _encode((replace(advertiser, campaigns=()), len(advertiser.campaigns)))
        yield from map(_encode, advertiser.campaigns)


def _cut(data: bytes) -> Iterator[memoryview]:
    view, offset = memoryview(data), 0
    while offset < len(view):
        (length,) = _PREFIX.unpack_from(view, offset)
        offset += _PREFIX.size
        yield view[offset : offset + length]
        offset += length
