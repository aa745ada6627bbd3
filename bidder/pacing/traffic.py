"""The traffic of a week, hour by hour, learned from the hours that have passed. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bidder.pacing.plan import HOUR_S, WEEK_HOURS, Hour

MEMORY = 0.75
"""What a week ago counts against this week: about four weeks are remembered."""
BORROWED_HOURS = 0.25
"""An hour of the week borrows from the same hour of all days, and that from all hours, like so many hours seen."""
LEAST = 0.01
"""No hour is expected to have less than this part of the mean, so that none is written off."""

_SCALE = 1_000_000
_NOTHING = (0.0,) * WEEK_HOURS


class WeeklyTraffic(Struct, frozen=True):
    """Opportunities and seconds seen, by hour of the week, fading by the week."""

    opportunities: tuple[float, ...] = _NOTHING
    seconds: tuple[float, ...] = _NOTHING

    def learn(self, hour: Hour, opportunities: int) -> "WeeklyTraffic":
        """With an hour that has passed, in which so many opportunities came."""
        place, seconds = hour.of_week, hour.end_s - hour.start_s
        return WeeklyTraffic(
            _replaced(self.opportunities, place, self.opportunities[place] * MEMORY + opportunities),
            _replaced(self.seconds, place, self.seconds[place] * MEMORY + seconds),
        )

    def rates(self) -> tuple[float, ...]:
        """Expected opportunities a second, by hour of the week; zeros where nothing was seen at all."""
        mean = _rate(sum(self.opportunities), sum(self.seconds), 0.0, 0.0)
        of_day = [
            _rate(sum(self.opportunities[hour::24]), sum(self.seconds[hour::24]), mean, BORROWED_HOURS)
            for hour in range(24)
        ]
        return tuple(
            max(LEAST * mean, _rate(self.opportunities[hour], self.seconds[hour], of_day[hour % 24], BORROWED_HOURS))
            for hour in range(WEEK_HOURS)
        )

    def weights(self) -> tuple[int, ...]:
        """The rates as integer weights for `plan.following`, a million for a mean hour; alike while nothing is seen."""
        rates = self.rates()
        mean = sum(rates) / WEEK_HOURS
        return tuple(int(_SCALE * rate / mean) for rate in rates) if mean else (_SCALE,) * WEEK_HOURS

    def forecast(self, flight: Iterable[Hour]) -> float | None:
        """The opportunities expected over these hours; None before anything is seen."""
        rates = self.rates()
        return sum(rates[hour.of_week] * (hour.end_s - hour.start_s) for hour in flight) if any(rates) else None


def _rate(opportunities: float, seconds: float, believed: float, hours: float) -> float:
    total_s = seconds + hours * HOUR_S
    return (opportunities + believed * hours * HOUR_S) / total_s if total_s else 0.0


def _replaced(values: Sequence[float], place: int, value: float) -> tuple[float, ...]:
    return (*values[:place], value, *values[place + 1 :])
