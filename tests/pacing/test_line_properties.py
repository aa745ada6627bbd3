"""Whatever book, records and clock say, a step of pacing gives terms that the board can hold, and raises nothing."""

from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.config.schema import Budget, Campaign, Dayparting, Hours, Pacing
from bidder.pacing.line import PacedLine
from bidder.pacing.memory import Memory, Money, Seen
from bidder.pacing.outcomes import BINS, PPB, Outcomes
from tests.pacing.paced import at, campaign

_micros = st.integers(0, 10**15)
_counts = st.integers(0, 10**6)
_amounts = st.one_of(st.none(), st.integers(0, 10**9).map(Decimal))

outcomes = st.builds(
    Outcomes,
    made=_counts,
    value_micros=_micros,
    resolved=st.dictionaries(st.integers(1, PPB), _counts, max_size=3),
    bid_micros=_micros,
    wins=_counts,
    won=st.dictionaries(st.integers(0, BINS - 1), _micros, max_size=3),
    paid_micros=_micros,
    paid_squares=st.integers(0, 10**20),
    waited=st.floats(0, 10**15),
)
seen = st.builds(Seen, requests=_counts, opportunities=_counts, outcomes=outcomes, first_price=_counts)
money = st.builds(Money, spent=_micros, today=_micros, held=_micros)
campaigns = st.builds(
    lambda mode, daily, total, hourly, least, parted, enabled: campaign(
        pacing=Pacing(mode=mode),
        budget=Budget(daily=daily, total=total, hourly=hourly, minimum_daily=least),
        dayparting=Dayparting(hours=(Hours(from_hour=9, to_hour=17),)) if parted else None,
        enabled=enabled,
    ),
    st.sampled_from(["even", "front", "traffic", "asap"]),
    _amounts,
    _amounts,
    _amounts,
    _amounts,
    st.booleans(),
    st.booleans(),
)
steps = st.tuples(st.floats(-4_000, 200_000), money, seen, st.floats(0, 10**6), st.none() | campaigns)


@settings(max_examples=150, deadline=None)
@given(acts=campaigns, played=st.lists(steps, max_size=8))
def test_terms_are_in_range_whatever_comes(
    acts: Campaign, played: list[tuple[float, Money, Seen, float, Campaign | None]]
) -> None:
    line, at_s = PacedLine(acts, 3_000.0), at(10)
    for passed_s, book, came, rate, edit in played:
        at_s += passed_s
        if edit is not None:
            line.edit(edit)
        terms = line.step(at_s, book, came, lambda _, rate=rate: rate)  # type: ignore[misc]
        assert 0 <= terms.throttle_ppb <= PPB
        assert 1 <= terms.multiplier_ppb <= PPB
    if line.memory is not None:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(line.memory), type=Memory) == line.memory
