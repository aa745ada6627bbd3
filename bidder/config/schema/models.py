"""`[models]` of `bidder.toml`: which models predict what, and what they may cost."""

from typing import Annotated

from msgspec import Meta

from bidder.config.schema.values import Id, Table, Text


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


class Models(Table, frozen=True, kw_only=True):
    """Which models predict what. Where none is named or none can be used, `[prediction]` stands."""

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
