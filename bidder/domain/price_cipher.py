"""The cipher in which Google Authorized Buyers and OpenX tell clearing prices. Pure.

    IV (16 bytes) || MESSAGE XOR PAD || SIGNATURE (4)          as base64url, padded or not

The pad is HMAC-SHA1(encryption key, IV) for the first 20 bytes, then that of the IV with a counter behind it; the
signature is the first four bytes of HMAC-SHA1(integrity key, MESSAGE || IV). The IV begins with the time of the
impression: seconds and microseconds, four bytes each. A price is eight bytes, big-endian: micros of the buyer's
currency for ONE impression.
Source: Authorized Buyers documentation, "Decrypt Price Confirmations" and "Decrypt Advertising ID".
"""

import hmac
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from hashlib import sha1
from typing import NamedTuple

KEY_BYTES = 32
IV_BYTES, PRICE_BYTES, SIGNATURE_BYTES = 16, 8, 4
MAX_TEXT_CHARS = 16_384

_TEXT = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_KEY_TEXT = re.compile(r"(?:[A-Za-z0-9+/_-]{43}=?|[0-9A-Fa-f]{64})")
_MICROS = 1_000_000


class Key(NamedTuple):
    """The two secrets of one agreement with an exchange."""

    encryption: bytes
    integrity: bytes


class Opened(NamedTuple):
    """A message that one of the keys signed."""

    iv: bytes
    message: bytes

    @property
    def at_s(self) -> float:
        """When the impression was won, by the exchange's clock: seconds since 1970 UTC."""
        return int.from_bytes(self.iv[:4]) + int.from_bytes(self.iv[4:8]) / _MICROS

    @property
    def price_micros(self) -> int:
        """Of a price: micros for one impression, signed."""
        return int.from_bytes(self.message, signed=True)


class MalformedError(ValueError):
    """The text is not in the form of the cipher."""


class SignatureError(ValueError):
    """No key that is listed signed this: it was changed, or belongs to another agreement."""


def open_price(text: str, keys: Sequence[Key]) -> Opened:
    """The price in a text, by the first key that signed it. Raises `MalformedError`, `SignatureError`."""
    sealed = _parts(text)
    if len(sealed.hidden) != PRICE_BYTES:
        raise MalformedError(f"a price has {PRICE_BYTES} bytes, found {len(sealed.hidden)}")
    return _opened(sealed, keys)


def open_message(text: str, keys: Sequence[Key]) -> Opened:
    """The message in a text, by the first key that signed it. Raises `MalformedError`, `SignatureError`."""
    return _opened(_parts(text), keys)


def read_keys(text: str) -> tuple[Key, ...]:
    """Keys as operators keep them: a line, or what stands before a `;`, has an encryption and an integrity key.

    Each is 32 bytes in base64, base64url or hexadecimal; `#` begins a comment. Several lines are a rotation: all open.
    Raises `ValueError` naming the line, never what stands there.
    """
    keys = []
    for number, line in enumerate(re.split(r"[\n;]", text), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or not all(_KEY_TEXT.fullmatch(word) for word in words):
            raise ValueError(f"line {number} is not an encryption and an integrity key of {KEY_BYTES} bytes each")
        keys.append(Key(*map(_secret, words)))
    if not keys:
        raise ValueError("no line holds a key")
    return tuple(keys)


class _Sealed(NamedTuple):
    iv: bytes
    hidden: bytes
    signature: bytes


def _opened(sealed: _Sealed, keys: Sequence[Key]) -> Opened:
    iv, hidden, signature = sealed
    for key in keys:
        message = bytes(one ^ other for one, other in zip(hidden, _pad(key.encryption, iv), strict=False))
        if hmac.compare_digest(hmac.digest(key.integrity, message + iv, sha1)[:SIGNATURE_BYTES], signature):
            return Opened(iv, message)
    raise SignatureError(f"signed by none of {len(keys)} keys")


def _parts(text: str) -> _Sealed:
    if len(text) > MAX_TEXT_CHARS or not _TEXT.fullmatch(text):
        raise MalformedError("not base64url")
    bare = text.rstrip("=")
    try:
        data = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError as error:
        raise MalformedError("not base64url") from error
    if len(data) <= IV_BYTES + SIGNATURE_BYTES:
        raise MalformedError(f"more than {IV_BYTES + SIGNATURE_BYTES} bytes are needed, found {len(data)}")
    return _Sealed(data[:IV_BYTES], data[IV_BYTES:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:])


def _pad(key: bytes, iv: bytes) -> Iterator[int]:
    """Without end. Counters: none, then a byte 0 to 255, then two bytes, and so on."""
    yield from hmac.digest(key, iv, sha1)
    length = 1
    while True:
        for last in range(256):
            yield from hmac.digest(key, iv + bytes(length - 1) + bytes([last]), sha1)
        length += 1


def _secret(word: str) -> bytes:
    return bytes.fromhex(word) if len(word) == 2 * KEY_BYTES else urlsafe_b64decode(_padded(word).translate(_TO_URL))


def _padded(word: str) -> str:
    return word.rstrip("=") + "="


_TO_URL = str.maketrans("+/", "-_")
