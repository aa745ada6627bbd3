"""What `python -m openrtb check` writes: verdicts and their summary, for a person or for a program, and progress."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TextIO

import msgspec
from msgspec import Struct, field

from openrtb.check import Checked

SEVERITIES: Final = ("error", "warning", "info")


class Summary(Struct):
    """What the bodies of a file came to; `kind` is what they are, "request" or "response"."""

    kind: str
    bodies: int = 0
    with_findings: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)  # by severity and rule

    def add(self, checked: Checked) -> None:
        """Counts one more body."""
        self.bodies += 1
        self.with_findings += bool(checked.findings)
        self.severities.update(found.severity for found in checked.findings)
        self.rules.update((found.severity, found.rule) for found in checked.findings)


class Format(NamedTuple):
    """A way of writing: text of whole lines for each body, and for all of them at the end."""

    body: Callable[[Checked], str]
    summary: Callable[[Summary], str]


def text_body(checked: Checked) -> str:
    """A body with findings, fit to paste into a ticket; nothing for one without."""
    if not checked.findings:
        return ""
    name = "unreadable" if checked.id is None else f"id {_printable(json.dumps(checked.id, ensure_ascii=False))}"
    lines = [f"line {checked.line}, {name}: {_counted(Counter(found.severity for found in checked.findings))}"]
    for found in checked.findings:
        lines.append(f"  {found.severity:<7}  {found.rule}  {_printable(found.path)}")
        lines.append(f"           {_printable(found.message)}")
    return "\n".join(lines) + "\n\n"


def text_summary(summary: Summary) -> str:
    """The counts of the file, then those of each rule, the worst and the most frequent first."""
    checked = _plural(summary.bodies, summary.kind)
    if not summary.with_findings:
        return f"{checked} checked, no findings\n"
    lines = [f"{checked} checked, {summary.with_findings} with findings: {_counted(summary.severities)}"]
    ordered = sorted(summary.rules.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -item[1], item[0][1]))
    lines += [f"  {count:>7}  {severity:<7}  {rule}" for (severity, rule), count in ordered]
    return "\n".join(lines) + "\n"


def json_body(checked: Checked) -> str:
    """One line of ASCII: `{"line": 1, "id": "a", "findings": [{"rule", "path", "severity", "message"}]}`."""
    return json.dumps(msgspec.to_builtins(checked)) + "\n"


def json_summary(summary: Summary) -> str:
    """One line: `{"summary": {...}}` with the number of bodies, of findings by severity and by rule."""
    rules = Counter({rule: count for (_, rule), count in summary.rules.items()})
    counts = {
        "kind": summary.kind,
        "bodies": summary.bodies,
        "with_findings": summary.with_findings,
        "severities": {severity: summary.severities[severity] for severity in SEVERITIES},
        "rules": dict(rules.most_common()),
    }
    return json.dumps({"summary": counts}) + "\n"


FORMATS: Final[Mapping[str, Format]] = {
    "text": Format(text_body, text_summary),
    "json": Format(json_body, json_summary),
}


class Progress:
    """A line on a terminal that counts bodies and overwrites itself; nothing on anything else.

    `position` and `size` are in bytes of the file as stored; a `size` of 0 is unknown.
    """

    EVERY = 1000  # bodies

    def __init__(self, terminal: TextIO, position: Callable[[], int], size: int) -> None:
        self._terminal = terminal if terminal.isatty() else None
        self._position = position
        self._size = size
        self._bodies = 0
        self._shown = False

    def step(self) -> None:
        """One more body is done."""
        self._bodies += 1
        if self._terminal is not None and self._bodies % self.EVERY == 0:
            share = f", {100 * self._position() // self._size} %" if self._size else ""
            self._terminal.write(f"\r{self._bodies:,} checked{share}")
            self._terminal.flush()
            self._shown = True

    def hide(self) -> None:
        """Clears the line, so that something else can be written."""
        if self._terminal is not None and self._shown:
            self._terminal.write("\r\033[K")
            self._terminal.flush()
            self._shown = False


def _counted(severities: Mapping[str, int]) -> str:
    counts = [(severities.get(severity, 0), severity) for severity in SEVERITIES]
    return ", ".join(str(n) + " info" if severity == "info" else _plural(n, severity) for n, severity in counts if n)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _printable(text: str) -> str:
    """The text without what could move a cursor or break a line: bodies come from strangers."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
