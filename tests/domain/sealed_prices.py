"""Prices sealed as Google and OpenX do, for tests."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha1

from bidder.domain.price_cipher import Key

KEY = Key(bytes(range(32)), bytes(range(32, 64)))
OTHER_KEY = Key(bytes(range(64, 96)), bytes(range(96, 128)))


def sealed(price_micros: int, at_s: int, *, key: Key = KEY, serial: int = 0) -> str:
    """The text for a price of so many micros for one impression, won at `at_s`; `serial` makes it one of its own."""
    iv = at_s.to_bytes(4) + bytes(4) + serial.to_bytes(8)
    message = price_micros.to_bytes(8, signed=True)
    pad = hmac.digest(key.encryption, iv, sha1)
    hidden = bytes(one ^ other for one, other in zip(message, pad, strict=False))
    signature = hmac.digest(key.integrity, message + iv, sha1)[:4]
    return urlsafe_b64encode(iv + hidden + signature).decode().rstrip("=")
