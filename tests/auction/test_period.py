"""A campaign's flight and hours by its own clock: what the tick skips never differs from what it would have found."""

from datetime import UTC, date, datetime
from math import nextafter
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.auction.line import Period
from bidder.config.schema import Campaign, Dayparting, Flight, Hours
from tests.auction.builders import campaign, engine

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
    ]
)
"""Whole hours, halves and quarters off UTC, and clocks that go forward by one hour, by half of one, or by a day."""

HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])
MOMENTS = st.floats(
    datetime(2026, 3, 1, tzinfo=UTC).timestamp(), datetime(2026, 12, 1, tzinfo=UTC).timestamp(), allow_nan=False
)


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    start = draw(st.dates(date(2026, 2, 20), date(2026, 11, 30)))
    end = draw(st.dates(start, date(2026, 12, 10)))
    days = st.lists(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1, unique=True)
    hours = st.builds(
        lambda pair, names: Hours(from_hour=pair[0], to_hour=pair[1], days=tuple(names)),
        HOURS,
        days | st.just(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    )
    parts = st.builds(lambda found: Dayparting(hours=tuple(found)), st.lists(hours, min_size=1, max_size=2))
    return campaign(
        flight=Flight(start=start, end=end, timezone=draw(ZONES)),
        dayparting=draw(st.none() | parts),
        enabled=draw(st.sampled_from([True, True, True, False])),
    )


@settings(max_examples=300, deadline=None)
@given(campaigns(), MOMENTS, st.floats(0, 1, exclude_max=True))
def test_nothing_changes_before_the_moment_at_which_it_is_said_to_change(
    written: Campaign, now: float, share: float
) -> None:
    period = Period(written)
    until = period.changes_at(now)
    assert until > now
    later = min(now + share * (min(until, now + 400 * 86_400) - now), nextafter(until, now))
    assert period.state(later) is period.state(now)


@settings(max_examples=60, deadline=None)
@given(campaigns(), MOMENTS, st.lists(st.sampled_from([0.1, 60.0, 900.0, 3_000.0, 40_000.0]), max_size=20))
def test_ticking_along_finds_what_looking_afresh_finds(written: Campaign, now: float, steps: list[float]) -> None:
    ticking = engine(written, now=now)
    for step in steps:
        now += step
        ticking.snapshot.refresh(now)
        assert ticking.snapshot.blocks[0].live == engine(written, now=now).snapshot.blocks[0].live


@settings(max_examples=200, deadline=None)
@given(campaigns(), MOMENTS)
def test_a_campaign_runs_on_the_days_and_in_the_hours_that_its_own_clock_shows(written: Campaign, now: float) -> None:
    period = Period(written)
    local = datetime.fromtimestamp(now, ZoneInfo(written.flight.timezone))
    parts = written.dayparting
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()]
    in_hours = parts is None or any(
        day in each.days and each.from_hour <= local.hour < each.to_hour for each in parts.hours
    )
    in_flight = written.flight.start <= local.date() <= written.flight.end
    assert (period.state(now).label == "bid") == (written.enabled and in_flight and in_hours)
