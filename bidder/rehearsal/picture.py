"""A rehearsed day as a picture. Needs matplotlib, the extra `report`."""

from datetime import UTC, datetime, tzinfo
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bidder.domain.money import MICROS
from bidder.rehearsal.play import Rehearsal

KINDS = (".png", ".svg", ".pdf")


def require_picture(path: Path) -> None:
    """Raises `OSError` where that picture cannot be drawn."""
    if path.suffix not in KINDS:
        raise OSError(f"--plot draws {', '.join(KINDS)}, found {str(path)!r}")
    if not path.parent.is_dir():
        raise OSError(f"--plot: no such directory: {path.parent}")
    if find_spec("matplotlib") is None:
        raise OSError("--plot needs matplotlib, which is not installed: pip install 'bidder[report]'")


def picture(path: Path, after: Rehearsal, before: Rehearsal | None, zone: tzinfo) -> None:
    """Draw spend against plan, throttle and multiplier, by the campaign's own clock. Raises `OSError`."""
    figure = import_module("matplotlib.figure").Figure(figsize=(10, 8), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1, 1))
    name = "as it is" if before is None else "edited"
    played = [("as it is", before, {"color": "tab:orange", "ls": "--"})] if before is not None else []
    for label, each, style in [*played, (name, after, {"color": "tab:blue", "ls": "-"})]:
        at = [datetime.fromtimestamp(at_s, UTC) for at_s in each.at_s]
        _draw_spend(axes[0], at, each, label, style)
        axes[1].plot(at, each.throttle, lw=1.2, **style)
        axes[2].plot(at, each.multiplier, lw=1.2, **style)
    axes[0].set(ylabel="money", ylim=(0, None))
    axes[0].legend(loc="lower right")
    axes[1].set(ylabel="throttle", ylim=(-0.05, 1.05))
    axes[2].set(ylabel="multiplier", ylim=(0, 1.05), xlabel=f"{zone}, {_day(after, zone)}")
    dates = import_module("matplotlib.dates")
    axes[2].xaxis.set_major_locator(dates.HourLocator(byhour=range(0, 24, 3), tz=zone))
    axes[2].xaxis.set_major_formatter(dates.DateFormatter("%H:%M", tz=zone))
    for axis in axes:
        axis.grid(color="0.9", lw=0.6)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.01)
    figure.align_ylabels()
    figure.savefig(path, dpi=120)


def _day(each: Rehearsal, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(each.at_s[len(each.at_s) // 2], zone):%Y-%m-%d}"


def _draw_spend(axis: Any, at: list[datetime], each: Rehearsal, label: str, style: dict[str, str]) -> None:
    spent, budget = each.spent_micros[-1] / MICROS, each.budget_micros / MICROS
    planned = [micros / MICROS for micros in each.planned_micros]
    axis.plot(at, planned, lw=4, alpha=0.25, color=style["color"], label=f"{label}: planned")
    axis.plot(
        at, [micros / MICROS for micros in each.spent_micros], lw=1.5, **style, label=f"{label}: spent {spent:,.2f}"
    )
    axis.axhline(budget, lw=1, color=style["color"], ls=":", label=f"{label}: budget {budget:,.2f}")
