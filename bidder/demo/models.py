"""`python -m bidder.demo.models STORE`: train the demo's models from its market played offline, and promote them.

`demo-ctr` predicts clicks with LightGBM, `demo-cvr` conversions of clicks with smoothed rates, of which there are few.
The same bytes each time with the same LightGBM, NumPy and Arrow, from any checkout.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bidder.demo.offline import Flow, demo_config, play
from models.__main__ import main as model

FLOW: Final = Flow(requests=60_000, hours=24.0, seed=7)
RECIPE: Final = Path(__file__).parent / "ctr.toml"
TRAINED: Final = {
    "demo-ctr": ("--outcome", "click", "--recipe", str(RECIPE)),
    "demo-cvr": ("--outcome", "conversion_after_click", "--kind", "rates", "--features", "campaign_rate"),
}
"""What is asked of `model train`, by the name of the model."""
_SMALL = ("--parity-rows", "40", "--reproducible", "--test-share", "0.3", "--version", "1")


def train(state: Path, store: Path) -> int:
    """Play, train, promote. The exit code of the first command that fails, 0 where none does."""
    play(demo_config(), FLOW, state)
    data = ("--format", "events", "--data", str(state))
    kept = ("--store", str(store))
    for name, asked in TRAINED.items():
        done = model(["train", *data, "--name", name, *asked, *_SMALL, *kept]) or model(["promote", name, *kept])
        if done:
            return done
    return 0


def main(arguments: Sequence[str]) -> int:
    """Exit code 2 where no store is named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bidder.demo.models STORE\n")
        return 2
    with tempfile.TemporaryDirectory() as home:
        return train(Path(home) / "state", Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
