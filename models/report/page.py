"""The page: figures, plots and tables in one HTML file without scripts or links."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from models.evaluate import Evaluation
from models.figures import Metrics
from models.report import plots

_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a202c}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.15rem .8rem .15rem 0;text-align:left;"
    "border-bottom:1px solid #e2e8f0}td:first-child{white-space:nowrap}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}svg{display:block;max-width:100%;min-width:34rem;height:auto}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}.note{color:#718096;max-width:45rem}"
)
_NUMERIC = re.compile(r"-?[\d,]*\.?\d*|none|[\d.]+ to [\d.]+")
_READING = (
    "AUC: how often a positive has a higher probability than a negative; 0.5 is chance. Normalised entropy: log loss "
    "over that of the share of positives alone; below 1 the model knows more than that. Predicted over actual: 1 is "
    "right, 2 promises twice the positives that came."
)
_WITHOUT_PLOTS = "Plots need matplotlib, which comes with the extra `report`: pip install 'bidder[report]'."


def page(title: str, about: Mapping[str, str], evaluation: Evaluation, *, with_plots: bool = True) -> str:
    """The report; `about` says what was evaluated on what."""
    parts = [f"<h1>{escape(title)}</h1>", _table((), about.items()), "<h2>Figures</h2>", _figures(evaluation.metrics)]
    parts.append(_note(_READING))
    if with_plots and plots.available():
        parts += [
            f'<h2>{escape(name)}</h2><div class="wide">{svg}</div>' for name, svg in plots.plots(evaluation).items()
        ]
    elif with_plots:
        parts.append(_note(_WITHOUT_PLOTS))
    parts += [
        "<h2>Bins of equal expected positives</h2>",
        _table(
            ("mean probability", "share of positives", "positives", "rows"),
            [(f"{mean:.6f}", f"{rate:.6f}", f"{hits:,}", f"{rows:,}") for mean, rate, hits, rows in evaluation.bins],
        ),
        *_tables(evaluation),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _figures(metrics: Metrics) -> str:
    rows = [
        ("rows", f"{metrics.rows:,}", ""),
        ("positives", f"{metrics.positives:,}", ""),
        ("AUC", _number(metrics.auc), _interval(metrics.auc_interval)),
        ("log loss", f"{metrics.log_loss:.6f}", ""),
        ("normalised entropy", _number(metrics.normalised_entropy), ""),
        (
            "predicted over actual",
            _number(metrics.predicted_over_actual),
            _interval(metrics.predicted_over_actual_interval),
        ),
    ]
    return _table(("", "", "95 % interval"), rows)


def _tables(evaluation: Evaluation) -> Iterable[str]:
    if evaluation.slices:
        yield "<h2>Slices</h2>"
        yield _table(
            ("fact", "value", "rows", "positives", "predicted", "predicted over actual"),
            [
                (
                    each.fact,
                    "(missing)" if each.value is None else str(each.value),
                    f"{each.rows:,}",
                    f"{each.positives:,}",
                    f"{each.predicted:.1f}",
                    _number(each.predicted_over_actual),
                )
                for each in evaluation.slices
            ],
        )
    if evaluation.importances:
        yield "<h2>Features</h2>"
        drifts = {each.feature: each.index for each in evaluation.drifts}
        yield _table(
            ("feature", "share of gain", "mean effect", "drift"),
            [
                (
                    each.feature,
                    f"{each.gain_share:.4f}",
                    f"{each.mean_effect:.4f}",
                    _number(drifts.get(each.feature)),
                )
                for each in evaluation.importances
            ],
        )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of numbers stand to the right, with their heads."""
    body = [list(row) for row in rows]
    right = [all(_NUMERIC.fullmatch(cell) for cell in column) for column in zip(*body, strict=True)]
    lines = "".join(f"<tr>{''.join(map(_cell, row, right))}</tr>" for row in body)
    header = "".join(_cell(cell, side, "th") for cell, side in zip(head, right, strict=False)) if any(head) else ""
    return f'<div class="wide"><table>{f"<tr>{header}</tr>" if header else ""}{lines}</table></div>'


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _cell(text: str, right: bool, tag: str = "td") -> str:
    return f"<{tag}{' class=n' if right else ''}>{escape(text)}</{tag}>"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
