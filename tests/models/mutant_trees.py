"""`python -m tests.models.mutant_trees DIRECTORY N`: checks N mutants of a version's trees.

Prints how many were refused and how many served."""

import random
import re
import sys
from itertools import pairwise
from pathlib import Path

from models import parity
from models.errors import ModelError
from models.load import build
from models.manifest import MANIFEST, MODEL, PARITY, decode
from models.trees import tree_problems

WORDS = ["", "-1", "0", "1", "2", "99", "4294967295", "1e308", "-1e308", "nan", "x", "1 1", "=", "Tree=1", "\n"]


def main(directory: Path, mutants: int) -> None:
    """Refused texts go no further; the others are loaded and score the parity rows."""
    manifest = decode((directory / MANIFEST).read_bytes())
    names = [each.name for each in manifest.features]
    text = (directory / MODEL).read_text()
    rows = parity.decode((directory / PARITY).read_bytes(), 1 << 30).rows[:50]
    refused = served = 0
    for seed in range(mutants):
        mutant = mutated(text, random.Random(seed))
        if list(tree_problems(mutant, names, 2000, 1024)):
            refused += 1
            continue
        try:
            build("ctr:1", manifest, mutant).of_matrix(rows)
            served += 1
        except ModelError:
            refused += 1
    sys.stdout.write(f"{refused} {served}\n")


def mutated(text: str, chance: random.Random) -> str:
    """The text with a word changed, swapped or removed within its trees, and sizes that are right again."""
    begin, end = text.index("version="), text.index("end of trees")
    words = re.split(r"([ =\n])", text[begin:end])
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(len(words))
        if chance.random() < 0.5:
            words[place] = chance.choice(WORDS)
        else:
            other = chance.randrange(max(0, place - 40), place + 1)
            words[place], words[other] = words[other], words[place]
    changed = text[:begin] + "".join(words) + text[end:]
    starts = [each.start() for each in re.finditer(r"^Tree=\d+$|^end of trees", changed, re.MULTILINE)]
    sizes = " ".join(str(after - before) for before, after in pairwise(starts))
    return re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", changed, flags=re.MULTILINE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
