"""`python -m bidder.lab.exchange`."""

import argparse
import sys

from bidder.lab.exchange.command import add_arguments, run

parser = argparse.ArgumentParser(prog="python -m bidder.lab.exchange", description="A mock ad exchange.")
add_arguments(parser)
sys.exit(run(parser.parse_args()))
