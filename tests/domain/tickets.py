"""Tickets for tests, with sane defaults."""

from typing import Any

from bidder.domain.money import RATE_UNIT
from bidder.domain.ticket import Billable, Signer, Ticket

NOW_S = 1_700_000_000
KEY = b"a key of sixteen bytes or more"
OTHER_KEY = b"another key of sixteen bytes or more"
LIFE = 7
LANDING = "https://shop.example/shoes?size=42&color=red#top"


def ticket(**changes: Any) -> Ticket:
    """A bid of 2.50 CPM in the account currency, made at `NOW_S` and held for five minutes."""
    fields = {
        "bid_id": 0xFEDCBA9876543210,
        "at_s": NOW_S,
        "expires_s": NOW_S + 300,
        "exchange": "adx",
        "imp_id": "1",
        "campaign": "shoes-autumn",
        "creative": "shoes-300x250",
        "price_micros": 2500,
        "currency": "USD",
        "rate": RATE_UNIT,
        "billable": Billable.BURL,
        "life": LIFE,
    }
    return Ticket(**(fields | changes))


def signer(*keys: bytes) -> Signer:
    """A signer with these keys, or one."""
    return Signer(keys or (KEY,))
