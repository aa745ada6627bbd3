"""The kinds of features: how some facts become one float.

Each kind is a declaration, kept in the manifest as it stands here, and defines what a missing fact and a value that
training did not see become. Missing is NaN unless the kind says otherwise: LightGBM learns a side for it at each split.
"""

from typing import Literal, TypeAlias

from msgspec import Struct


class _Kind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    facts: tuple[str, ...]


class Number(_Kind, frozen=True, kw_only=True, tag="number"):
    """A fact as a number, or log(1 + number); NaN where it is missing or no number. No value is unseen."""

    log: bool = False


class Category(_Kind, frozen=True, kw_only=True, tag="category"):
    """The place of a value in the vocabulary of training, from 1, most frequent first.

    Values that training saw fewer than `min_rows` times are 0 there and in serving, and so are unseen ones: what 0
    means was therefore learned. With several facts this is a cross; it is missing where all its facts are.
    """

    min_rows: int = 10
    max_values: int = 1000


class Hashed(_Kind, frozen=True, kw_only=True, tag="hashed"):
    """CRC-32 of the values, modulo `buckets`: keeps no vocabulary, and unseen values share the buckets of seen ones."""

    buckets: int = 1024


class Rate(_Kind, frozen=True, kw_only=True, tag="rate"):
    """Smoothed share of positives among the rows of training with the same values.

    The facts are a hierarchy: the rate of (a, b) leans on the rate of (a), and that on the rate of all rows, each as
    if more rows had been seen at the rate above: as many as hold `prior_positives` positives on average. A value that
    training did not see has the rate above; a missing fact is a value like any other. Training rows are encoded from
    the labels of other rows only (`fit`).
    """

    prior_positives: float = 0.5
    min_rows: int = 1
    """Values with fewer rows are not kept."""


class Seen(_Kind, frozen=True, kw_only=True, tag="seen"):
    """log(1 + rows of training with the same values): how common they are; 0 where training saw none.

    A row of training does not count itself, so that 0 is learned from values that were seen once.
    """


class Clock(_Kind, frozen=True, kw_only=True, tag="clock"):
    """Hour (0 to 23.98), weekday (0 is Monday) or hour of the week in the user's zone, of a time and an offset.

    `facts` are the time in milliseconds and the minutes east of UTC. Without an offset the time counts as UTC.
    """

    part: Literal["hour", "weekday", "week_hour"]


class ListLength(_Kind, frozen=True, kw_only=True, tag="list_length"):
    """How many members a list has. The empty text has none; a number counts as the length itself."""


class ListHas(_Kind, frozen=True, kw_only=True, tag="list_has"):
    """1 where a list has the member, 0 where it has not, also where the fact is the length only."""

    member: str


Feature: TypeAlias = Number | Category | Hashed | Rate | Seen | Clock | ListLength | ListHas

CATEGORICAL = (Category, Hashed)
"""Kinds whose floats are names, not amounts: LightGBM splits them by set."""
