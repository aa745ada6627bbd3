"""Lines of the journal for tests, with sane defaults."""

from typing import Any

from bidder.ledger.entry import Entry, Fund, Gap
from tests.domain.tickets import LIFE, NOW_S

DAY = "2023-11-14"


def bill(bid_id: int = 1, spent: int = 1700, **changes: Any) -> Entry:
    """A bid of 2,500 micros that was billed."""
    fields = {
        "bid_id": bid_id,
        "kind": "bill",
        "at_ms": NOW_S * 1000,
        "campaign": "shoes-autumn",
        "day": DAY,
        "expires_s": NOW_S + 300,
        "life": LIFE,
        "outcome": "counted",
        "price_micros": 2500,
        "reserved_micros": 2500,
        "spent_micros": spent,
        "released_micros": 2500 - spent,
    }
    return Entry(**(fields | changes))


def win(bid_id: int = 1, **changes: Any) -> Entry:
    return bill(bid_id, 0, kind="win", reserved_micros=0, released_micros=0, **changes)


def loss(bid_id: int = 1, **changes: Any) -> Entry:
    return bill(bid_id, 0, kind="loss", **changes)


def gap(micros: int = 900, **changes: Any) -> Gap:
    return Gap(**({"epoch": 1, "campaign": "shoes-autumn", "micros": micros, "until_s": NOW_S + 60} | changes))


def fund(total: int | None = 10**6, **changes: Any) -> Fund:
    fields = {
        "campaign": "shoes-autumn",
        "at_ms": NOW_S * 1000,
        "advertiser": "shoes",
        "total_micros": total,
        "day_micros": None,
        "since": "2023-11-01",
        "timezone": "Europe/Berlin",
        "margin_ppb": 0,
    }
    return Fund(**(fields | changes))
