"""From facts to floats: one small function for each feature, the only code that does so in serving and in training."""

from collections.abc import Callable
from math import log1p, nan
from typing import TypeAlias
from zlib import crc32

from msgspec import Struct

from models.facts import FACTS, LIST_SEPARATOR, Fact, Facts
from models.features.kinds import Category, Clock, Feature, Hashed, ListHas, ListLength, Number, Rate, Seen
from models.rates import Key, RateTable, RateTree, rate_tree

Encoder: TypeAlias = Callable[[Facts, Facts], float]
"""The value of a feature for request facts and candidate facts; in training one mapping stands for both."""

_MINUTE_MS, _DAY_MINUTES, _EPOCH_WEEKDAY = 60_000, 1440, 3  # 1970-01-01 was a Thursday


class Fitted(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A feature with what training found out: all that turns facts into its float."""

    name: str
    feature: Feature
    vocabulary: tuple[Key, ...] = ()
    """Of a category, in order."""
    table: RateTable | None = None
    """Of a rate, or of how often values were seen."""


def encoder(fitted: Fitted) -> Encoder:
    """The function of a fitted feature. Raises `KeyError` where a fact is not in the catalogue."""
    feature = fitted.feature
    match feature:
        case Number():
            return _number(feature)
        case Category():
            places = {key: float(place) for place, key in enumerate(fitted.vocabulary, 1)}
            return _by_key(feature.facts, places, unseen=0.0, missing=nan)
        case Hashed():
            return _hashed(feature)
        case Rate():
            return _rate(feature, fitted.table)
        case Seen():
            return _seen(feature, fitted.table)
        case Clock():
            return _clock(feature)
        case ListLength():
            return _list_length(feature)
        case ListHas():
            return _list_has(feature)


def key_of(names: tuple[str, ...], facts: Facts) -> Key:
    """The values that a category, a hash or a rate goes by."""
    return tuple(facts.get(name) for name in names)


def _number(feature: Number) -> Encoder:
    (name,) = feature.facts
    of_candidate = FACTS[name].scope == "candidate"
    if feature.log:
        return _logarithm(name, of_candidate)

    def number(request: Facts, candidate: Facts) -> float:
        value = (candidate if of_candidate else request).get(name)
        return nan if value is None or value.__class__ is str else float(value)

    return number


def _logarithm(name: str, of_candidate: bool) -> Encoder:
    def logarithm(request: Facts, candidate: Facts) -> float:
        value = (candidate if of_candidate else request).get(name)
        if value is None or isinstance(value, str):
            return nan
        return log1p(value) if value > -1 else nan

    return logarithm


def _by_key(names: tuple[str, ...], values: dict[Key, float], unseen: float, missing: float) -> Encoder:
    """A table by the values of one, two or more facts; the common lengths without a loop."""
    values = {**values, (None,) * len(names): values.get((None,) * len(names), missing)}
    if len(names) == 1:
        return _by_one(names[0], {key[0]: value for key, value in values.items()}, unseen)
    get = values.get
    candidates = tuple(FACTS[name].scope == "candidate" for name in names)
    if len(names) == 2:
        (first, second), (first_of, second_of) = names, candidates
        return lambda request, candidate: get(
            (
                (candidate if first_of else request).get(first),
                (candidate if second_of else request).get(second),
            ),
            unseen,
        )
    places = tuple(zip(names, candidates, strict=True))
    return lambda request, candidate: get(
        tuple((candidate if of else request).get(name) for name, of in places), unseen
    )


def _by_one(name: str, values: dict[Fact, float], unseen: float) -> Encoder:
    get = values.get
    if FACTS[name].scope == "candidate":
        return lambda _, candidate: get(candidate.get(name), unseen)
    return lambda request, _: get(request.get(name), unseen)


def _rate(feature: Rate, table: RateTable | None) -> Encoder:
    if table is None:
        raise ValueError(f"a rate of {', '.join(feature.facts)} needs its table")
    tree = rate_tree(table, feature.prior_positives)
    places = tuple((name, FACTS[name].scope == "candidate") for name in feature.facts)
    if len(places) == 1:
        branches = {value: rate for value, (rate, _) in tree[1].items()}
        return _by_one(feature.facts[0], branches, unseen=tree[0])
    if [of_candidate for _, of_candidate in places] == [True, False]:
        return _cross(tree, *feature.facts)

    def rate(request: Facts, candidate: Facts) -> float:
        node = tree
        for name, of_candidate in places:
            below = node[1].get((candidate if of_candidate else request).get(name))
            if below is None:
                break
            node = below
        return node[0]

    return rate


def _cross(tree: RateTree, of_candidate: str, of_request: str) -> Encoder:
    """`rate` above, written out for what is the most frequent feature of a candidate."""
    nowhere: dict[Fact, float] = {}
    unseen = tree[0], nowhere.get
    branches = {
        value: (rate, {leaf: node[0] for leaf, node in below.items()}.get) for value, (rate, below) in tree[1].items()
    }
    get = branches.get

    def rate(request: Facts, candidate: Facts) -> float:
        above, leaf = get(candidate.get(of_candidate), unseen)
        return leaf(request.get(of_request), above)

    return rate


def _seen(feature: Seen, table: RateTable | None) -> Encoder:
    if table is None:
        raise ValueError(f"a count of {', '.join(feature.facts)} needs its table")
    logarithms = {each.key: log1p(each.rows) for each in table.levels[-1]}
    return _by_key(feature.facts, logarithms, unseen=0.0, missing=0.0)


def _hashed(feature: Hashed) -> Encoder:
    places = tuple((name, FACTS[name].scope == "candidate") for name in feature.facts)
    buckets = feature.buckets

    def bucket(request: Facts, candidate: Facts) -> float:
        key = [(candidate if of else request).get(name) for name, of in places]
        if key.count(None) == len(key):
            return nan
        return float(crc32("\x1f".join(map(str, key)).encode("utf-8", "surrogatepass")) % buckets)

    return bucket


def _clock(feature: Clock) -> Encoder:
    time, offset = feature.facts
    part = feature.part

    def clock(request: Facts, _: Facts) -> float:
        at_ms, zone = request.get(time), request.get(offset)
        if not isinstance(at_ms, int | float):
            return nan
        minutes = at_ms // _MINUTE_MS + (zone if isinstance(zone, int | float) else 0)
        days, minute = divmod(minutes, _DAY_MINUTES)
        weekday = (days + _EPOCH_WEEKDAY) % 7
        if part == "weekday":
            return float(weekday)
        return minute / 60 if part == "hour" else weekday * 24 + minute / 60

    return clock


def _members(value: Fact) -> list[str]:
    return value.split(LIST_SEPARATOR) if isinstance(value, str) and value else []


def _list_length(feature: ListLength) -> Encoder:
    (name,) = feature.facts

    def length(request: Facts, _: Facts) -> float:
        value = request.get(name)
        if value is None:
            return nan
        return float(len(_members(value))) if isinstance(value, str) else float(value)

    return length


def _list_has(feature: ListHas) -> Encoder:
    (name,), member = feature.facts, feature.member

    def has(request: Facts, _: Facts) -> float:
        value = request.get(name)
        return nan if value is None else float(member in _members(value))

    return has
