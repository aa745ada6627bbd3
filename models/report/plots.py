"""The plots of a report, as SVG in the page.

matplotlib draws them: probabilities of rare outcomes need logarithmic axes with sensible ticks, which small SVG
libraries lack, and its SVG backend writes the same bytes for the same numbers once salt and date are fixed. It is an
optional extra (`report`): a bidder that only serves never loads it.
"""

import io
import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from models.evaluate import Drift, Evaluation, Importance
from models.metrics import poisson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_SHOWN = 15
_BLUE, _GREY, _RED = "#2b6cb0", "#a0aec0", "#c53030"
_DRIFT_WATCHED, _DRIFT_FAR = 0.1, 0.25


def available() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def plots(evaluation: Evaluation) -> dict[str, str]:
    """SVG by title. Raises `ModuleNotFoundError` where matplotlib is not installed."""
    drawn = {
        "Reliability": _svg(lambda axes: _reliability(axes, evaluation), 4.2),
        "Scores": _svg(lambda axes: _histogram(axes, evaluation), 3.2),
    }
    if evaluation.slices:
        drawn["Calibration by slice"] = _svg(lambda axes: _slices(axes, evaluation), 0.15 * len(evaluation.slices) + 1)
    if evaluation.importances:
        shown = evaluation.importances[:_SHOWN]
        drawn["Importance"] = _svg(lambda axes: _importance(axes, shown), 0.25 * len(shown) + 1)
    if evaluation.drifts:
        drifts = evaluation.drifts[:_SHOWN]
        drawn["Drift since training"] = _svg(lambda axes: _drift(axes, drifts), 0.22 * len(drifts) + 1)
    return drawn


def _svg(draw: "Callable[[Axes], None]", height: float) -> str:
    import matplotlib as mpl  # noqa: PLC0415 (an optional extra)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(
        {
            "svg.hashsalt": "models",
            "svg.fonttype": "none",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        figure = Figure(figsize=(7.2, height), layout="constrained")
        draw(figure.subplots())
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r"^.*?(?=<svg)", "", file.getvalue(), flags=re.DOTALL)


def _reliability(axes: "Axes", evaluation: Evaluation) -> None:
    predicted, rates, positives, rows = np.array(evaluation.bins, dtype=np.float64).T
    one = np.where(positives > 0, rates / np.maximum(positives, 1), 1 / rows)  # the share that one positive makes
    low, high = (one * count for count in poisson_interval(positives))
    least = min(predicted.min(), low[low > 0].min() if (low > 0).any() else predicted.min()) / 1.5
    most = min(max(predicted.max(), high.max()) * 1.5, 1.0)
    axes.plot([least, most], [least, most], color=_GREY, linewidth=1)
    shown = np.maximum(rates, least)
    axes.errorbar(
        predicted,
        shown,
        yerr=[(shown - low).clip(0), (high - shown).clip(0)],
        fmt="o",
        color=_BLUE,
        markersize=4,
        linewidth=1,
    )
    axes.set(xscale="log", yscale="log", xlim=(least, most * 1.2), ylim=(least, most * 1.2))
    _in_percent(axes.xaxis)
    _in_percent(axes.yaxis)
    axes.set(xlabel="predicted: mean probability of a bin (numbers in the table of bins)")
    axes.set(ylabel="came: share of positives, 95 % interval")


def _histogram(axes: "Axes", evaluation: Evaluation) -> None:
    """Shares of rows, since a density would fall with the width of the bins on this axis."""
    probabilities, labels, weights = evaluation.outcomes
    bounded = np.clip(probabilities, 1e-9, 1)
    least = float(bounded.min())
    bins = np.geomspace(least, max(float(bounded.max()), least * 1.01), 40).tolist()
    for rows, name, color in ((labels == 0, "negatives", _GREY), (labels > 0, "positives", _RED)):
        shares = weights[rows] / max(float(weights[rows].sum()), 1e-12)
        axes.hist(bounded[rows], bins=bins, weights=shares, histtype="stepfilled", alpha=0.6, color=color, label=name)
    axes.set(xscale="log", xlabel="probability", ylabel="share of the rows of a colour")
    _in_percent(axes.xaxis)
    axes.legend(frameon=False)


def _slices(axes: "Axes", evaluation: Evaluation) -> None:
    """Red where the interval of the count of positives leaves out what was predicted; one in twenty does by chance."""
    shown = evaluation.slices[::-1]
    lows, highs = poisson_interval(np.array([float(each.positives) for each in shown]))
    for place, (each, low, high) in enumerate(zip(shown, lows.tolist(), highs.tolist(), strict=True)):
        color = _RED if not low <= each.predicted <= high else _BLUE if each.positives else _GREY
        ends = [each.predicted / high, each.predicted / max(low, 1e-9)]
        axes.plot(ends, [place, place], color=color, linewidth=1, alpha=0.5)
        axes.plot(each.predicted / max(each.positives, 0.5), place, "o", markersize=4, color=color)
    axes.axvline(1, color=_GREY, linewidth=0.8)
    axes.set(xscale="log", xlim=(0.05, 20), ylim=(-1, len(shown)))
    axes.set_xlabel(
        "predicted over actual, 95 % interval; in brackets: positives\n"
        "red: 1 lies outside, as in one of twenty by chance; grey: no positives"
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_yticks(range(len(shown)), [f"{each.fact} {_short(each.value)} ({each.positives})" for each in shown])
    axes.tick_params(axis="y", labelsize=7)


def _importance(axes: "Axes", shown: list[Importance]) -> None:
    places = np.arange(len(shown))[::-1]
    most = max(each.mean_effect for each in shown) or 1.0
    axes.barh(places + 0.2, [each.gain_share for each in shown], 0.38, color=_BLUE, label="share of gain")
    axes.barh(places - 0.2, [each.mean_effect / most for each in shown], 0.38, color=_GREY,
              label=f"mean effect on a row, 1 is {most:.2f} in log-odds")  # fmt: skip
    axes.set_yticks(places, [each.feature for each in shown])
    axes.set(ylim=(-1, len(shown)), xlabel="share of gain; mean effect over that of the strongest feature")
    axes.legend(loc="lower right", frameon=False)


def _drift(axes: "Axes", shown: list[Drift]) -> None:
    places = np.arange(len(shown))[::-1]
    axes.barh(places, [each.index for each in shown], color=_BLUE)
    for bound in (_DRIFT_WATCHED, _DRIFT_FAR):
        axes.axvline(bound, color=_RED, linewidth=0.8)
    axes.set(
        xlabel="population stability index: from 0.1 on worth a look,\nabove 0.25 the feature has changed",
        ylim=(-1, len(shown)),
    )
    axes.set_yticks(places, [each.feature for each in shown])


def _in_percent(axis: "Axis") -> None:
    """Ticks of a logarithmic axis as a person says them: 0.1 %, 1 %; where it is short, those between as well."""
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415 (an optional extra)

    least, most = axis.get_view_interval()
    between = (1.0, 2.0, 5.0) if most < 100 * least else (1.0,)
    axis.set_major_locator(LogLocator(subs=between))
    axis.set_major_formatter(lambda value, _: f"{value * 100:g} %")
    axis.set_minor_formatter(NullFormatter())


def _short(value: object) -> str:
    text = "(missing)" if value is None else str(value)
    return text if len(text) <= 16 else text[:15] + "…"
