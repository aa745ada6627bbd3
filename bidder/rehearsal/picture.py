"""A rehearsed day as a picture. Needs matplotlib, the extra `report`."""

from datetime import datetime, tzinfo
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
    """Draw spend against plan, throttle and multiplier. Raises `OSError`."""
    figure = import_module("matplotlib.figure").Figure(figsize=(10, 8), layout="constrained")
    spend, throttle, multiplier = figure.subplots(3, 1, sharex=True, height_ratios=(3, 1, 1))
    for name, each, style in (
        ("as it is", before, {"color": "tab:orange", "ls": "--"}),
        ("", after, {"color": "tab:blue"}),
    ):
        if each is None:
            continue
        at = [datetime.fromtimestamp(at_s, zone).replace(tzinfo=None) for at_s in each.at_s]
        _draw(spend, at, each, name or ("edited" if before is not None else "spent"), style)
        throttle.plot(at, each.throttle, lw=1, **style)
        multiplier.plot(at, each.multiplier, lw=1, **style)
    spend.set(ylabel="spent")
    spend.legend(loc="upper left")
    throttle.set(ylabel="throttle", ylim=(0, 1.05))
    multiplier.set(ylabel="multiplier", ylim=(0, 1.05))
    figure.savefig(path, dpi=120)


def _draw(axis: Any, at: list[datetime], each: Rehearsal, name: str, style: dict[str, str]) -> None:
    axis.plot(at, [micros / MICROS for micros in each.planned_micros], lw=1, color="0.7")
    axis.plot(at, [micros / MICROS for micros in each.spent_micros], lw=1.5, label=name, **style)
    axis.axhline(each.budget_micros / MICROS, lw=0.8, **{**style, "ls": ":"})
