"""Facts that tell the outcome because of where the row was written, not because of what it was.

Logs of positives and of negatives that were written by different programs differ in what they leave out. The mark is a
fact that is missing in all positives, or in none, while negatives are mixed: were the outcome free of it, that would be
a coincidence of probability `share ** positives`. The other mark is a value that all positives have and hardly any
negative: such a fact is the outcome under another name.
"""

from dataclasses import replace
from math import log

import numpy as np

from models.dataset.rows import Dataset

LEAST_DIFFERENCE = 0.2
"""A smaller difference in missing shares could matter little, and may well be real."""
MOST_SHARED = 0.01
"""The share of negatives that may have the one value of all positives where that value is the outcome itself."""
MOST_PROBABLE = 1e-9
"""Coincidences less probable than this are none."""


def find(data: Dataset) -> dict[str, str]:
    """The facts that leak the outcome, and what shows it."""
    positive = data.labels > 0
    if not positive.any() or positive.all():
        return {}
    found = {}
    for name in sorted({name for facts in data.facts for name in facts}):
        missing = np.array([facts.get(name) is None for facts in data.facts])
        said = _verdict(missing[positive].tolist(), float(missing[~positive].mean())) or _same(data, name)
        if said:
            found[name] = said
    return found


def withhold(data: Dataset) -> Dataset:
    """The dataset with its leaking facts marked: they are not learned from."""
    return replace(data, withheld={**data.withheld, **find(data)})


def _verdict(missing: list[bool], negatives_share: float) -> str | None:
    """What is wrong where positives are all alike and negatives are not."""
    if any(missing) != all(missing):
        return None
    alike_share = negatives_share if missing[0] else 1 - negatives_share
    if 1 - alike_share < LEAST_DIFFERENCE or _may_be_chance(alike_share, len(missing)):
        return None
    word = "missing" if missing[0] else "present"
    return f"{word} in all {len(missing)} positives but in {alike_share:.0%} of the negatives only"


def _same(data: Dataset, name: str) -> str | None:
    """What is wrong where all positives have one value and hardly any negative has it."""
    values = {facts.get(name) for facts, label in zip(data.facts, data.labels, strict=True) if label > 0}
    if len(values) != 1:
        return None
    (value,) = values
    negatives = [facts.get(name) == value for facts, label in zip(data.facts, data.labels, strict=True) if label == 0]
    share = sum(negatives) / len(negatives)
    if share > MOST_SHARED or _may_be_chance(share, data.positives):
        return None
    return f"{value!r} in all {data.positives} positives but in {share:.1%} of the negatives only"


def _may_be_chance(share: float, positives: int) -> bool:
    return positives * log(max(share, 1e-300)) > log(MOST_PROBABLE)
