"""Charts as inline SVG: lines over an axis, and bars. Made to be read without a network and in print."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 860, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 40
COLOURS = ("#56b4e9", "#b34400", "#10212e", "#009e73", "#cc79a7", "#6b7280")
"""Told apart by those who see no red or green, too (after Okabe and Ito)."""
INK, GRID = "#334155", "#e2e8f0"
WIDE, NARROW = 5, 1.8
"""Of several lines the first is wide, so that one that lies on it leaves it to be seen."""

Format = Callable[[float], str]
Points = Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """What an axis shows."""

    title: str
    format: Format = "{:,g}".format


def lines(series: Mapping[str, Points], x: Axis, y: Axis, level: tuple[str, float] | None = None) -> str:
    """A chart of named lines, with a level such as a deadline by its name. Empty where there are no points."""
    points = [point for line in series.values() for point in line]
    if not points:
        return ""
    xs = ticks(min(p[0] for p in points), max(p[0] for p in points))
    ys = ticks(0.0, max([p[1] for p in points] + ([level[1]] if level else [])))
    frame = _Frame(xs, ys)
    parts = [_grid(frame, x, y)]
    for index, line in enumerate(series.values()):
        width = WIDE if index == 0 and len(series) > 1 else NARROW
        parts.append(_line(frame, line, COLOURS[index % len(COLOURS)], width))
    names = list(zip(series, COLOURS, strict=False))
    if level is not None:
        height = frame.y(level[1])
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-dasharray="5 4"/>')
        names.append((level[0], INK))
    return _legend(names) + _svg("".join(parts), HEIGHT)


def bars(values: Mapping[str, float], format_: Format = "{:,.0f}".format) -> str:
    """Horizontal bars, one for each name. Empty where there are none."""
    if not values:
        return ""
    highest = max(values.values()) or 1.0
    room = WIDTH - 350
    parts = []
    for index, (name, value) in enumerate(values.items()):
        top, width = 4 + index * 24, max(1.0, room * value / highest)
        parts.append(f'<text x="228" y="{top + 14}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="236" y="{top}" width="{width:.1f}" height="18" fill="{COLOURS[0]}"/>')
        parts.append(f'<text x="{242 + width:.1f}" y="{top + 14}">{escape(format_(value))}</text>')
    return _svg("".join(parts), 8 + 24 * len(values))


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers around a range, at least two of them."""
    span = (high - low) or abs(high) or 1.0
    raw = span / about
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


class _Frame:
    """From values to places on the page."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.xs, self.ys = xs, ys

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - self.xs[0]) / (self.xs[-1] - self.xs[0])

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.ys[0]) / (self.ys[-1] - self.ys[0])


def _grid(frame: _Frame, x: Axis, y: Axis) -> str:
    parts = []
    for value in frame.ys:
        at = frame.y(value)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(y.format(value))}</text>')
    for value in frame.xs:
        at = frame.x(value)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{GRID}"/>')
        label = escape(x.format(value))
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turned = f'transform="rotate(-90 12 {middle})"'
    parts.append(f'<text x="12" y="{middle}" text-anchor="middle" {turned}>{escape(y.title)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x.title)}</text>')
    return "".join(parts)


def _line(frame: _Frame, points: Points, colour: str, width: float) -> str:
    places = [(frame.x(x), frame.y(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = ""
    if len(places) <= 40:
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in places)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>{dots}'


def _legend(names: Sequence[tuple[str, str]]) -> str:
    items = (f'<span><i style="background:{colour}"></i>{escape(name)}</span>' for name, colour in names)
    return f'<p class="legend">{"".join(items)}</p>'


def _svg(inside: str, height: int) -> str:
    box = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg {box} role="img" font-size="12" fill="{INK}" font-family="inherit">{inside}</svg>'
