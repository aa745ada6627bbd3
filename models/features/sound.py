"""Whether what a manifest holds of a feature can have come out of training: vocabularies and counts that make sense."""

from collections.abc import Iterator

from models.features.encode import Fitted
from models.features.kinds import Category, Rate, Seen
from models.rates import RateTable


def flaws(fitted: Fitted) -> Iterator[str]:
    """What is wrong, where anything is; of a sound feature an encoder can be made that never fails."""
    feature, depth = fitted.feature, len(fitted.feature.facts)
    if any(len(key) != depth for key in fitted.vocabulary):
        yield f"the vocabulary of {fitted.name} has a value that is not of {depth} facts"
    if fitted.vocabulary and not isinstance(feature, Category):
        yield f"{fitted.name} has a vocabulary, which only categories have"
    if (fitted.table is not None) != isinstance(feature, Rate | Seen):
        yield f"{fitted.name} has {'no' if fitted.table is None else 'a'} table of counts"
    elif fitted.table is not None and not _counts(fitted.table, depth):
        yield f"the table of {fitted.name} holds what nobody can have counted"


def _counts(table: RateTable, depth: int) -> bool:
    if not 0 <= table.positives <= table.rows or len(table.levels) > depth:
        return False
    return all(
        len(each.key) == length and 0 <= each.positives <= each.rows <= table.rows
        for length, level in enumerate(table.levels, 1)
        for each in level
    )
