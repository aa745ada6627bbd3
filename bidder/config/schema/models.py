"""`[models]` of `bidder.toml`: which models predict what, what they may cost, and what ends a trial."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from bidder.config.schema.values import Id, Share, Table, Text

Factor = Annotated[
    Decimal, Meta(extra={"above": 1, "max": 1000}, description="a factor above 1, at most 1000, as in `1.5`")
]


class ModelLimits(Table, frozen=True, kw_only=True):
    """What a version may cost; one that costs more is refused."""

    row_us: Annotated[int, Meta(ge=1, le=10_000)] = 100
    """Processor time of one candidate, in microseconds."""
    trees: Annotated[int, Meta(ge=1, le=100_000)] = 2000
    """Trees of a LightGBM model."""
    leaves: Annotated[int, Meta(ge=2, le=100_000)] = 1024
    """Leaves of a tree."""
    features: Annotated[int, Meta(ge=1, le=10_000)] = 500
    """Features of a row."""
    megabytes: Annotated[int, Meta(ge=1, le=1024)] = 64
    """Size of each file of a version."""
    check_seconds: Annotated[int, Meta(ge=1, le=600)] = 60
    """How long the check of a version may take."""


class Canary(Table, frozen=True, kw_only=True):
    """What a canary may do before it is rolled back, beside what chance explains."""

    max_share: Share = Decimal("0.5")
    """The most of the users that a pointer may give to a canary; one that asks for more is refused."""
    late_share: Share = Decimal("0.01")
    """How much larger its share of answers given up as too late may be than the champion's."""
    calibration: Factor = Decimal(2)
    """How many times too many or too few of the predicted clicks or conversions may come."""
    spend: Factor = Decimal("1.5")
    """How many times the champion's spend a request it may spend."""


class NearDeadline(Table, frozen=True, kw_only=True):
    """What predicts where little time is left: quick models, or else what the champions said of the campaign last."""

    below_ms: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Time to the deadline below which this happens; 0: never."""
    click: Id | None = None
    """The quick model of clicks."""
    conversion: Id | None = None
    """The quick model of conversions of an impression."""
    conversion_after_click: Id | None = None
    """The quick model of conversions of a click; its product with `click` is used instead of `conversion`."""


class Models(Table, frozen=True, kw_only=True):
    """Which models predict what. Where none is named, or none could ever be used, `[prediction]` stands.

    An edit that names another model is live at once; what predicted before goes on until the other one is checked, and
    for as long as it is refused.
    """

    store: Text = "models/artifacts"
    """The directory of the models; a relative path begins where the bidder was started."""
    click: Id | None = None
    """The model of clicks, for goals `cpc`."""
    conversion: Id | None = None
    """The model of conversions of an impression, for goals `cpa` and `value`."""
    conversion_after_click: Id | None = None
    """The model of conversions of a click; its product with `click` is used instead of `conversion`."""
    limits: ModelLimits = ModelLimits()
    """What a version may cost; one that costs more is refused."""
    canary: Canary = Canary()
    """What a canary may do before it is rolled back, beside what chance explains."""
    sample_rate: Share = Decimal("0.01")
    """Share of requests, by a hash of their id, that are played again with shadows and near-deadline models.

    At most 50 a second of each worker, off the hot path.
    """
    near_deadline: NearDeadline = NearDeadline()
    """What predicts where little time is left."""
