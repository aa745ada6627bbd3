"""Day-parting: when of the day and the week a campaign runs."""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from bidder.config.schema.values import Table

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Hours(Table, frozen=True, kw_only=True):
    """Days of the week and hours of the day. Hours over midnight are two entries."""

    days: Annotated[tuple[Day, ...], Meta(min_length=1)] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    """Days on which these hours hold."""
    from_hour: Annotated[int, Meta(ge=0, le=23)] = 0
    """The first hour, included: 9 is 09:00."""
    to_hour: Annotated[int, Meta(ge=1, le=24)] = 24
    """The hour at which it ends, excluded: 17 runs until 16:59:59."""


class Dayparting(Table, frozen=True, kw_only=True):
    """The hours a campaign runs."""

    hours: Annotated[tuple[Hours, ...], Meta(min_length=1)]
    """The hours; it runs where any entry holds."""
    clock: Literal["campaign", "user"] = "campaign"
    """Whose clock is read: the campaign's timezone, or that of the user's device or place."""

    @property
    def of_week(self) -> frozenset[int]:
        """The hours of the week, Monday midnight being 0, in which a campaign runs."""
        days = get_args(Day)
        return frozenset(
            days.index(day) * 24 + hour
            for each in self.hours
            for day in each.days
            for hour in range(each.from_hour, each.to_hour)
        )
