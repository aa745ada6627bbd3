"""The figures of an evaluation, as a manifest holds them."""

from msgspec import Struct


class Metrics(Struct, frozen=True, kw_only=True):
    """The figures of one evaluation."""

    auc: float | None
    """`None` where all rows have the same label."""
    auc_interval: tuple[float, float] | None
    log_loss: float
    normalised_entropy: float | None
    """Log loss over that of always saying the rate of these rows."""
    predicted_over_actual: float | None
    predicted_over_actual_interval: tuple[float, float] | None
    """For the same predictions, where the count of positives varies as a Poisson count does."""
    rows: int
    positives: int

    @classmethod
    def nothing(cls) -> "Metrics":
        """The figures of no rows."""
        return cls(
            auc=None,
            auc_interval=None,
            log_loss=0.0,
            normalised_entropy=None,
            predicted_over_actual=None,
            predicted_over_actual_interval=None,
            rows=0,
            positives=0,
        )
