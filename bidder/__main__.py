"""`python -m bidder`."""

import sys

from bidder.cli import main

if __name__ == "__main__":
    sys.exit(main())
