"""`model evaluate`: measure a version on data that it was not trained on, and write the report."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from models.command import data as data_options
from models.command.arguments import share
from models.command.output import DONE, UNUSABLE, progress_bar, say
from models.command.train import figures
from models.errors import StoreError
from models.evaluate import evaluate
from models.report.page import page
from models.store import Store
from models.train import about


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    data_options.add_arguments(parser)
    parser.add_argument("--model", metavar="NAME[:VERSION]", help="default: the champion of --name, else its newest")
    parser.add_argument(
        "--test-share", type=share, default=1.0, metavar="SHARE", help="only the latest rows, as training left them out"
    )
    parser.add_argument("--report", type=Path, default=Path("report.html"), metavar="FILE", help="(%(default)s)")


def run(options: Namespace) -> int:
    """Measures a version and writes the page. Raises `ModelError`."""
    if not (options.model or options.name):
        sys.stderr.write("model evaluate: --model NAME[:VERSION] is needed\n")
        return UNUSABLE
    store = Store(options.store)
    name, version = store.resolve(options.model or options.name)
    with progress_bar() as progress:
        model, manifest = store.load(name, version), store.manifest(name, version)
        data = data_options.read_data(options, options.outcome or manifest.outcome)
        data = data.slice(round(len(data) * (1 - options.test_share)), len(data))
        progress("measuring", 0, 1)
        evaluation = evaluate(model, data, manifest.sketches)
        told = about(manifest) | {"figures on": ", ".join(data.sources)}
        try:
            options.report.write_text(page(f"Model {name}:{version}", told, evaluation), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{options.report}: {error.strerror}") from error
    found = {"name": name, "version": version, **figures(evaluation.metrics), "report": str(options.report)}
    say(found, options.json)
    return DONE
