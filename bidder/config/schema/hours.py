"""Day-parting: when of the day and the week a campaign runs."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Table


class Hours(Table, frozen=True, kw_only=True):
    """Day-parting: days of the week and hours of the day, `from` included, `to` excluded."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    )  # fmt: skip
    from_hour: Annotated[int, Meta(ge=0, le=23)] = 0
    to_hour: Annotated[int, Meta(ge=1, le=24)] = 24


class Dayparting(Table, frozen=True, kw_only=True):
    """The hours a campaign runs, in its own timezone or in the user's."""

    hours: tuple[Hours, ...]
    clock: Literal["campaign", "user"] = "campaign"
