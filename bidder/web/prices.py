"""The clearing prices in notices, in the form and currency that each exchange tells them.

Whatever the form, a price comes out as micros of the account currency for one impression, rounded up, so that the book
never has less than the exchange bills; or as the outcome that says why it is none.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from bidder.domain.money import to_account_up
from bidder.domain.outcome import Outcome
from bidder.domain.price_cipher import Key, MalformedError, Opened, SignatureError, open_price
from bidder.domain.ticket import Ticket
from openrtb.macros import Price, PriceKind, read_price

OF_PRICE = {
    PriceKind.AUDIT: Outcome.AUDIT,
    PriceKind.EMPTY: Outcome.EMPTY,
    PriceKind.UNEXPANDED: Outcome.UNEXPANDED,
    PriceKind.NOT_A_NUMBER: Outcome.NOT_A_NUMBER,
    PriceKind.NEGATIVE: Outcome.NEGATIVE,
    PriceKind.NON_FINITE: Outcome.NON_FINITE,
    PriceKind.OUT_OF_RANGE: Outcome.OUT_OF_RANGE,
}
"""The outcome where the price is none."""

PPB = 1_000_000_000
REMEMBERED = 1 << 18
KEYS_SECONDS = 1.0
"""Keys are not read again more often than this."""

_PLACEHOLDERS = {PriceKind.AUDIT, PriceKind.EMPTY, PriceKind.UNEXPANDED}


class Told(NamedTuple):
    """What a notice tells: a price, or why there is none."""

    micros: int | None = None
    outcome: Outcome = Outcome.COUNTED
    """COUNTED where there is a price."""


class Agreement(Struct, frozen=True):
    """How an exchange tells prices, and what it is owed on top."""

    read_keys: Callable[[], Sequence[Key]] | None = None
    """The keys of its cipher, as they are kept at this moment; None: a plain CPM. Raises `OSError`, `ValueError`."""
    window_s: float = 3600
    """How far the time of a ciphered price may be from ours."""
    rate: int | None = None
    """Fixed-point rate of the currency of prices, as `RATE_UNIT` says; None: that of the bid."""
    billed_ppb: int = PPB
    """The part of the told price that is billed."""
    fee_ppb: int = 0
    """The part of what is billed that is owed on top."""


class Prices:
    """Reads the prices of all exchanges; what is not agreed on is a plain CPM in the currency of the bid."""

    def __init__(self, agreements: Mapping[str, Agreement] | None = None) -> None:
        self._agreements: Mapping[str, Agreement] = {}
        self._ciphers: dict[str, _Cipher] = {}
        self.serve(agreements or {})

    def serve(self, agreements: Mapping[str, Agreement]) -> None:
        """Read by these agreements from now on."""
        self._agreements = agreements
        known = self._ciphers
        self._ciphers = {name: known.get(name) or _Cipher() for name, each in agreements.items() if each.read_keys}

    def fee_ppb(self, exchange: str) -> int:
        """The part of what an exchange bills that it is owed on top, in parts per billion."""
        return self._agreements.get(exchange, _PLAIN).fee_ppb

    def read(self, text: str, ticket: Ticket, now_s: float) -> Told:
        """The price in the notice of a bid. Raises nothing."""
        agreed = self._agreements.get(ticket.exchange, _PLAIN)
        price = read_price(text)
        cipher = self._ciphers.get(ticket.exchange)
        if cipher is None or price.kind in _PLACEHOLDERS:
            told = plain(price, ticket.rate if agreed.rate is None else agreed.rate)
        else:
            told = cipher.read(text.strip(), ticket, agreed, now_s)
        if told.micros is None or agreed.billed_ppb == PPB:
            return told
        return Told(-(-told.micros * agreed.billed_ppb // PPB))


def plain(price: Price, rate: int) -> Told:
    """A CPM in the currency of this rate."""
    if price.cpm_micros is None:
        return Told(outcome=OF_PRICE[price.kind])
    return Told(-(-to_account_up(price.cpm_micros, rate) // 1000))


class _Cipher:
    """The ciphered prices of one exchange: its keys, and which bids its latest prices were for."""

    def __init__(self) -> None:
        self._keys: Sequence[Key] = ()
        self._read_at_s = float("-inf")
        self._bids: dict[bytes, int] = {}

    def read(self, text: str, ticket: Ticket, agreed: Agreement, now_s: float) -> Told:
        try:
            opened = self._open(text, agreed, now_s)
        except MalformedError:
            return Told(outcome=Outcome.NOT_A_NUMBER)
        except SignatureError:
            return Told(outcome=Outcome.UNKNOWN_SIGNER)
        if abs(now_s - opened.at_s) > agreed.window_s:
            return Told(outcome=Outcome.STALE)
        if not self._is_of(opened.iv, ticket.bid_id):
            return Told(outcome=Outcome.REPLAYED)
        if opened.price_micros < 0:
            return Told(outcome=Outcome.NEGATIVE)
        return Told(to_account_up(opened.price_micros, ticket.rate if agreed.rate is None else agreed.rate))

    def _open(self, text: str, agreed: Agreement, now_s: float) -> Opened:
        """With the keys that are known, else with those that are kept by now."""
        try:
            return open_price(text, self._keys)
        except SignatureError:
            if abs(now_s - self._read_at_s) < KEYS_SECONDS or agreed.read_keys is None:
                raise
        self._read_at_s = now_s
        try:
            self._keys = agreed.read_keys()
        except (OSError, ValueError) as error:
            raise SignatureError("the keys cannot be read") from error
        return open_price(text, self._keys)

    def _is_of(self, iv: bytes, bid_id: int) -> bool:
        """Whether this price was not told for another bid. The latest `REMEMBERED` are known."""
        known = self._bids.setdefault(iv, bid_id)
        if len(self._bids) > REMEMBERED:
            self._bids.pop(next(iter(self._bids)))
        return known == bid_id


_PLAIN = Agreement()
