"""Campaigns that are paced, for tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bidder.config.schema import Budget, Campaign, Creative, Flight, Goal

BERLIN = ZoneInfo("Europe/Berlin")
MICROS = 1_000_000


def campaign(**changes: Any) -> Campaign:
    """A month of a hundred a day, at a fixed CPM of 3.00."""
    fields: dict[str, Any] = {
        "id": "spring",
        "flight": Flight(start=date(2026, 3, 1), end=date(2026, 3, 31), timezone="Europe/Berlin"),
        "budget": Budget(daily=Decimal(100)),
        "goal": Goal(type="cpm", amount=Decimal(3)),
        "max_cpm": Decimal(3),
        "creatives": (
            Creative(
                id="c",
                format="banner",
                size="300x250",
                html="{click}",
                landing="https://a.example/",
                adomain=("a.example",),
            ),
        ),
    }
    return Campaign(**(fields | changes))


def at(day: int, hour: int = 0, minute: int = 0) -> float:
    """A moment of March 2026 in Berlin."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).timestamp()


def utc(day: int, hour: int = 0) -> float:
    """A moment of March 2026 in UTC."""
    return datetime(2026, 3, day, hour, tzinfo=UTC).timestamp()
