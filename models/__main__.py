"""`python -m models`: the commands of `bidder model`."""

import sys
from argparse import ArgumentParser

from models.command import add_arguments, run


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    parser = ArgumentParser(prog="python -m models", description="Train, measure and manage models.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
