"""The ticket of a bid: what its notices and its clicks must tell us, signed, in the path of every URL of the bid.

    KEY ID (4)  BODY (base64url of a msgpack array)  TAG (24)          text of about 140 characters

One keyed BLAKE2b over key id and body gives two tags. The notice tag is for URLs that the exchange calls (win, billing,
loss); the tracking tag for those that the markup shows to everybody (impression, click, conversion). Who has only seen
the markup can therefore neither bill a bid nor give its hold back.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from enum import Enum, IntEnum
from hashlib import blake2b
from hmac import compare_digest

import msgspec

from bidder.domain.landing import is_landing
from bidder.domain.outcome import Outcome

MIN_KEY_BYTES = 16
MAX_TEXT_CHARS = 2048
MAX_FOREIGN_CHARS = 64
"""Ids that come from a request (imp, deal) are cut to this length when a ticket is made, so that URLs stay short."""


class Billable(IntEnum):
    """The event on which an exchange bills. Codes are stable: tickets carry them."""

    BURL = 0
    NURL = 1
    IMPRESSION = 2


class Use(Enum):
    """Who is meant to call the URL, hence which of the two tags its ticket carries."""

    NOTICE = slice(0, 24)
    TRACKING = slice(24, 48)


class Ticket(msgspec.Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """One bid. Fields are only ever added at the end, with a default, so that tickets under way stay readable."""

    bid_id: int
    """Unsigned, 64 bits."""
    at_s: int
    """Seconds since 1970 UTC."""
    expires_s: int
    """When the hold ends: what is billed later was not agreed on."""
    exchange: str
    imp_id: str
    campaign: str
    creative: str
    price_micros: int
    """The bid for one impression in the account currency: what is held for it."""
    currency: str
    """ISO 4217 code of the bid, in which notices tell prices."""
    rate: int
    """Fixed-point rate of `currency`, as `domain.money.RATE_UNIT` says."""
    billable: Billable
    deal: str = ""
    test: bool = False
    life: int = 0
    """Of the worker that bid: tells which grant covers the bid."""


class Signed(msgspec.Struct, frozen=True, gc=False):
    """The two texts of a ticket, safe in a URL as they are."""

    notice: str
    tracking: str


class Forged(Exception):  # noqa: N818 - names what the text is
    """A text that is no ticket of ours.

    `outcome` is MALFORMED (not the shape of a ticket), UNKNOWN_KEY (perhaps of a key that is no longer listed) or
    BAD_SIGNATURE (changed, or used where its tag does not serve).
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"not a ticket of this bidder: {outcome}")
        self.outcome = outcome


class Signer:
    """Signs with the first key and verifies with all, so that keys can be rotated."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are secrets of at least `MIN_KEY_BYTES`. Raises `ValueError` where one is shorter, and for none."""
        self._keys = [_Key(secret) for secret in keys]
        self._by_id = {key.id: key for key in self._keys}
        if not keys or len(self._by_id) < len(keys):
            raise ValueError(f"tickets need keys that differ, found {len(self._by_id)} different of {len(keys)}")
        self._first = self._keys[0]

    def sign(self, ticket: Ticket) -> Signed:
        """The texts of a ticket. Raises `UnicodeEncodeError` where a text of the ticket is not Unicode."""
        key = self._first
        head = key.id + b2a_base64(_encode(ticket), newline=False).translate(_TO_URL, b"=")
        tags = key.tags(head).decode()
        text = head.decode()
        return Signed(text + tags[:24], text + tags[24:])

    def read(self, text: str, use: Use) -> Ticket:
        """The ticket that was signed for this use. Raises `Forged`. Whether it has expired is the caller's to judge."""
        if not _TEXT.fullmatch(text):
            raise Forged(Outcome.MALFORMED)
        raw = text.encode()
        head, tag = raw[:-24], raw[-24:]
        key = self._by_id.get(head[:4])
        if key is None:
            raise Forged(Outcome.UNKNOWN_KEY)
        if not compare_digest(key.tags(head)[use.value], tag):
            raise Forged(Outcome.BAD_SIGNATURE)
        return _decoded(head[4:])

    def sign_landing(self, campaign: str, creative: str, url: str) -> str:
        """The proof that a click on this creative may lead to `url`. Raises `ValueError` unless `is_landing(url)`."""
        if not is_landing(url):
            raise ValueError(f"{campaign}/{creative}: a landing page is an absolute http or https URL, found {url!r}")
        return self._first.landing_tag(campaign, creative, url)

    def is_landing_of(self, campaign: str, creative: str, url: str, tag: str) -> bool:
        """Whether `sign_landing` gave `tag` for just this creative and URL, with any of the keys."""
        if not is_landing(url) or not tag.isascii():
            return False
        return any(compare_digest(key.landing_tag(campaign, creative, url), tag) for key in self._keys)


class _Key:
    """One secret, with the state of its hash prepared."""

    __slots__ = ("_landing", "_tags", "id")

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"a ticket key has at least {MIN_KEY_BYTES} bytes, found {len(secret)}")
        self.id = _to_url(blake2b(secret, digest_size=3, person=b"key id").digest())
        key = blake2b(secret, digest_size=32, person=b"key").digest()
        self._tags = blake2b(key=key, digest_size=36, person=b"ticket")
        self._landing = blake2b(key=key, digest_size=18, person=b"landing")

    def tags(self, head: bytes) -> bytes:
        mac = self._tags.copy()
        mac.update(head)
        return _to_url(mac.digest())

    def landing_tag(self, campaign: str, creative: str, url: str) -> str:
        mac = self._landing.copy()
        mac.update(f"{campaign}\0{creative}\0{url}".encode(errors="replace"))
        return _to_url(mac.digest()).decode()


_TEXT = re.compile(rf"[A-Za-z0-9_-]{{40,{MAX_TEXT_CHARS}}}")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Ticket).decode


def _to_url(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(_TO_URL)


def _decoded(body: bytes) -> Ticket:
    try:
        return _decode(a2b_base64(body.translate(_FROM_URL) + b"=" * (-len(body) % 4)))
    except (ValueError, msgspec.DecodeError) as error:  # signed by a bidder whose tickets had other fields
        raise Forged(Outcome.MALFORMED) from error
