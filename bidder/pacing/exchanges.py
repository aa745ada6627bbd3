"""How many requests each exchange sends in which hour of the week, learned from the hours that have passed. Pure."""

from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bidder.pacing.day import Rate, hour_of_week
from bidder.pacing.plan import HOUR_S, Hour
from bidder.pacing.traffic import WeeklyTraffic


class Watched(Struct, frozen=True):
    """The traffic of one exchange. Hours are those of UTC."""

    week: WeeklyTraffic = WeeklyTraffic()
    since_s: float = 0.0
    """From when on the present hour was watched."""
    at_s: float = 0.0
    """Until when."""
    requests: int = 0
    """In the present hour."""

    def saw(self, requests: int, at_s: float) -> "Watched":
        """With what came until `at_s`. What came over the end of an hour counts for the hour that began."""
        if (
            not self.at_s or at_s < self.at_s or at_s - self.at_s > HOUR_S
        ):  # nobody looked meanwhile, or the clock jumped
            return replace(self, since_s=at_s, at_s=at_s, requests=0)
        if at_s // HOUR_S == self.at_s // HOUR_S:
            return replace(self, at_s=at_s, requests=self.requests + requests)
        hour = Hour(int(self.since_s), int(self.at_s), hour_of_week(self.at_s))
        week = self.week.learn(hour, self.requests) if hour.end_s > hour.start_s else self.week
        return Watched(week, at_s, at_s, requests)

    def now(self) -> WeeklyTraffic:
        """The week with the present hour as far as it has come."""
        hour = Hour(int(self.since_s), int(self.at_s), hour_of_week(self.at_s))
        return self.week.learn(hour, self.requests) if hour.end_s > hour.start_s else self.week


class Exchanges:
    """The traffic of all exchanges."""

    def __init__(self, watched: Mapping[str, Watched] | None = None) -> None:
        self.watched: dict[str, Watched] = dict(watched or {})
        self._rates: dict[str, tuple[float, ...]] = {}

    def saw(self, requests: Mapping[str, int], at_s: float) -> None:
        """What came since the last call, by exchange."""
        for name in self.watched.keys() | requests.keys():
            self.watched[name] = self.watched.get(name, Watched()).saw(requests.get(name, 0), at_s)
        self._rates = {}

    def rate(self, exchanges: Collection[str]) -> Rate:
        """The requests a second of these exchanges together, by hour of the week."""
        for name in exchanges:
            if name not in self._rates and name in self.watched:
                self._rates[name] = self.watched[name].now().rates()
        known = [self._rates[name] for name in exchanges if name in self._rates]
        return lambda hour: sum(rates[hour] for rates in known)
