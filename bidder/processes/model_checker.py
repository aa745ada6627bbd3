"""The checker: whether model versions may serve, found out in a process of its own, which a bad one may even end.

Started by control as `python -m bidder.processes.model_checker`. It reads a question a line and writes a verdict a
line, both JSON, and ends when control is gone.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from bidder.processes.logs import configure_logs
from bidder.processes.verdict import Question, Verdict
from models.check import load
from models.errors import RefusedError
from models.manifest import MANIFEST, Manifest, decode, fingerprint


def verdict(question: Question) -> Verdict:
    """The verdict on one version."""
    directory = Path(question.directory)
    if not directory.is_dir():
        return Verdict(("there is no such version",))
    try:
        before = _manifest(directory)
        model = load(directory, question.limits)
        after = _manifest(directory)
    except RefusedError as error:
        return Verdict(error.reasons)
    if before != after:
        return Verdict((f"{MANIFEST} changed while it was checked",))
    return Verdict((), fingerprint(after), model.outcome, _about(decode(after), model.ceiling))


def _manifest(directory: Path) -> bytes:
    """Nothing where it cannot be read, of which the check tells."""
    try:
        return (directory / MANIFEST).read_bytes()
    except OSError:
        return b""


def _about(manifest: Manifest, ceiling: float) -> dict[str, Any]:
    kept = ("kind", "outcome", "metrics", "measured_on", "window", "lightgbm", "left_out")
    found = {name: msgspec.to_builtins(getattr(manifest, name)) for name in kept}
    return found | {"features": len(manifest.features), "parent": manifest.lineage.parent, "ceiling": ceiling}


def main() -> None:
    """Answer until control is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(10)
    configure_logs("checker")
    questions = msgspec.json.Decoder(Question)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(verdict(questions.decode(line))) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
