"""Facts become floats as declared: seen, unseen and missing values, in serving as in training."""

from dataclasses import replace
from math import isnan, log, log1p, nan
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facts import FACTS, Fact, scope_of
from models.features import CATALOGUE, Featuriser, Fitted
from models.features.encode import encoder
from models.features.fit import Levels, Part, fit, training_matrix
from models.features.kinds import Category, Clock, Feature, Hashed, ListHas, ListLength, Number, Rate, Seen
from models.rates import count, find, rate_tree
from models.recipe import Recipe
from tests.models.build import HOUR_MS, NOON_MS, facts, rows, stored, trained, world


def value(feature: Feature, of: dict[str, Fact], **fitted: Any) -> float:
    return encoder(Fitted("feature", feature, **fitted))(of, of)


# Numbers


@pytest.mark.parametrize(("fact", "expected"), [(2, 2.0), (0.25, 0.25), (True, 1.0), (None, nan), ("2", nan)])
def test_a_number_is_itself_and_nan_where_it_is_missing_or_a_text(fact: Fact, expected: float) -> None:
    assert value(Number(facts=("bidfloor",)), {"bidfloor": fact}) == pytest.approx(expected, nan_ok=True)


def test_a_logarithm_is_of_one_more_than_the_number() -> None:
    assert value(Number(facts=("bidfloor",), log=True), {"bidfloor": 3.0}) == log(4)


def test_a_logarithm_of_an_impossible_number_is_missing() -> None:
    assert isnan(value(Number(facts=("bidfloor",), log=True), {"bidfloor": -1.0}))


# Categories


def places(*values: str | None, **kinds: int) -> Fitted:
    (fitted,) = fit({"os_category": Category(facts=("os",), **kinds)}, rows([0.0] * len(values), os=list(values)))
    return fitted


def test_a_vocabulary_is_ordered_by_frequency_and_then_by_name() -> None:
    assert places("b", "a", "c", "c", min_rows=1).vocabulary == (("c",), ("a",), ("b",))


@pytest.mark.parametrize(("system", "expected"), [("ios", 1.0), ("rare", 0.0), ("never seen", 0.0), (None, nan)])
def test_rare_and_unseen_values_are_zero_and_missing_ones_nan(system: str | None, expected: float) -> None:
    fitted = places("ios", "ios", "rare", None, min_rows=2)
    assert encoder(fitted)({"os": system}, {}) == pytest.approx(expected, nan_ok=True)


def test_a_vocabulary_holds_no_more_values_than_it_may() -> None:
    assert places("a", "a", "b", "c", min_rows=1, max_values=1).vocabulary == (("a",),)


def test_a_cross_is_missing_only_where_all_its_facts_are() -> None:
    cross = Category(facts=("os", "browser"))
    known = {"vocabulary": (("ios", None), ("ios", "safari"))}
    assert value(cross, {"os": "ios"}, **known) == 1.0
    assert value(cross, {"os": "ios", "browser": "safari"}, **known) == 2.0
    assert value(cross, {"browser": "safari"}, **known) == 0.0
    assert isnan(value(cross, {}, **known))


def test_a_number_and_its_text_are_different_values() -> None:
    known = {"vocabulary": ((1,), ("1",))}
    assert [value(Category(facts=("os",)), {"os": system}, **known) for system in (1, "1")] == [1.0, 2.0]


# Hashes


def test_a_hash_is_that_of_the_declared_function_so_that_it_never_changes() -> None:
    assert value(Hashed(facts=("url",), buckets=1000), {"url": "a"}) == 0xE8B7BE43 % 1000


def test_a_hash_tells_crossed_values_apart_by_their_place() -> None:
    cross = Hashed(facts=("url", "ip"), buckets=1 << 30)
    assert value(cross, {"url": "ab", "ip": "c"}) != value(cross, {"url": "a", "ip": "bc"})


def test_a_hash_of_nothing_is_missing() -> None:
    assert isnan(value(Hashed(facts=("url",)), {"url": None}))


@given(st.text() | st.integers() | st.floats() | st.none())
def test_a_hash_lies_in_its_buckets_whatever_the_value(fact: Fact) -> None:
    found = value(Hashed(facts=("url",), buckets=7), {"url": fact})
    assert isnan(found) == (fact is None)
    assert fact is None or found in range(7)


# Rates


def table_of(*pairs: tuple[tuple[Fact, ...], float]) -> dict[str, Any]:
    return {"table": count([key for key, _ in pairs], [label for _, label in pairs])}


def test_a_rate_leans_on_the_rate_of_all_rows() -> None:
    known = table_of((("ios",), 1.0), (("ios",), 0.0), (("android",), 0.0))
    overall = (1 + 0.001) / (3 + 1)
    rate = Rate(facts=("os",), prior_positives=2 * overall)  # two rows
    assert value(rate, {"os": "ios"}, **known) == pytest.approx((1 + 2 * overall) / 4)


def test_an_unseen_value_has_the_rate_of_all_rows() -> None:
    known = table_of((("ios",), 1.0), (("android",), 0.0))
    assert value(Rate(facts=("os",)), {"os": "bada"}, **known) == pytest.approx((1 + 0.001) / 3)


def test_a_missing_value_has_a_rate_of_its_own() -> None:
    known = table_of(*[((None,), 1.0)] * 50, *[(("ios",), 0.0)] * 50)
    missing, ios = (
        value(Rate(facts=("os",), prior_positives=1.0), {"os": system}, **known) for system in (None, "ios")
    )
    assert missing > 0.9
    assert ios < 0.1


@pytest.mark.parametrize("names", [("os", "browser"), ("os", "browser", "size")])
def test_an_unseen_cross_has_the_rate_of_its_longest_known_beginning(names: tuple[str, ...]) -> None:
    keys = [("ios", "safari", "300x250")[: len(names)], ("ios", "chrome", "300x250")[: len(names)]]
    known = table_of((keys[0], 1.0), (keys[1], 0.0))
    tree = rate_tree(known["table"], 10.0)
    unseen = {"os": "ios", "browser": "opera", "size": "1x1"}
    assert value(Rate(facts=names, prior_positives=10.0), unseen, **known) == find(tree, ("ios",))[0]
    assert value(Rate(facts=names, prior_positives=10.0), {"os": "bada"}, **known) == tree[0]


def test_how_often_a_value_was_seen_counts_and_what_was_not_seen_is_zero() -> None:
    known = table_of(*[(("ios",), 0.0)] * 3)
    found = [value(Seen(facts=("os",)), {"os": system}, **known) for system in ("ios", "bada", None)]
    assert found == [log1p(3), 0.0, 0.0]


# Clock and lists


@pytest.mark.parametrize(
    ("part", "offset", "expected"),
    [("hour", 0, 12.0), ("hour", -90, 10.5), ("hour", None, 12.0), ("weekday", 0, 1.0), ("weekday", 720, 2.0),
     ("week_hour", 60, 37.0)],
)  # fmt: skip
def test_the_clock_is_the_users(part: Any, offset: int | None, expected: float) -> None:
    clock = Clock(facts=("at_ms", "utc_offset_min"), part=part)
    assert value(clock, {"at_ms": NOON_MS, "utc_offset_min": offset}) == expected


def test_a_clock_without_a_time_is_missing() -> None:
    assert isnan(value(Clock(facts=("at_ms", "utc_offset_min"), part="hour"), {"utc_offset_min": 60}))


@pytest.mark.parametrize(("listed", "expected"), [("a,b", 2.0), ("a", 1.0), ("", 0.0), (5, 5.0), (None, nan)])
def test_the_length_of_a_list(listed: Fact, expected: float) -> None:
    found = value(ListLength(facts=("segments",)), {"segments": listed})
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("listed", "expected"), [("a,b", 1.0), ("ab", 0.0), ("", 0.0), (5, 0.0), (None, nan)])
def test_whether_a_list_has_a_member(listed: Fact, expected: float) -> None:
    found = value(ListHas(facts=("segments",), member="a"), {"segments": listed})
    assert found == pytest.approx(expected, nan_ok=True)


# Rows


def test_every_feature_of_the_catalogue_reads_known_facts_and_gives_a_float_for_empty_facts() -> None:
    data = rows([0.0, 1.0, 0.0])
    for each in fit(CATALOGUE, data):
        assert set(each.feature.facts) <= set(FACTS)
        assert isinstance(encoder(each)({}, {}), float)


_odd: list[Fact] = [
    None, "", "a", ",", "1,2,,3", "10006", "nan", "x" * 5000, "\u00e9\0", True, False, 0, 1, -1, 0.0, 1e308, -1e308,
    5e-324, 2**53, -(2**53),
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted(FACTS)), st.sampled_from(_odd)))
def test_odd_facts_become_the_same_floats_in_training_and_after_they_were_logged(of: dict[str, Fact]) -> None:
    data = rows([0.0, 1.0] * 6)
    fitted = fit(CATALOGUE, replace(data, facts=[{**each, **of} for each in data.facts]))
    logged = msgspec.json.decode(msgspec.json.encode(of), type=dict[str, Fact])
    shipped = msgspec.json.decode(msgspec.json.encode(fitted), type=tuple[Fitted, ...])
    trained_row, served_row = Featuriser(fitted).row(of), Featuriser(shipped).row(logged)
    assert all(isinstance(each, float) for each in served_row)
    np.testing.assert_array_equal(served_row, trained_row)


def test_a_row_holds_the_features_of_the_request_before_those_of_the_candidate() -> None:
    features = {name: CATALOGUE[name] for name in ("campaign_rate", "bidfloor", "campaign_x_os_rate", "os_rate")}
    featuriser = Featuriser(fit(features, rows([0.0, 1.0])))
    assert featuriser.names == ("bidfloor", "os_rate", "campaign_rate", "campaign_x_os_rate")
    assert (featuriser.request_width, featuriser.candidate_width) == (2, 2)


_any_facts = st.dictionaries(
    st.sampled_from(sorted(FACTS)), st.sampled_from(["a", "b", "", "a,b"]) | st.integers(0, 3) | st.floats() | st.none()
)


@given(_any_facts)
def test_request_and_candidate_apart_give_the_same_row_as_together(of: dict[str, Fact]) -> None:
    featuriser = Featuriser(fit(CATALOGUE, rows([0.0, 1.0] * 6, os=["a"] * 12, tagid=["a", "b"] * 6)))
    request = {name: fact for name, fact in of.items() if FACTS[name].scope == "request"}
    candidate = {name: fact for name, fact in of.items() if FACTS[name].scope == "candidate"}
    apart = featuriser.request(request) + featuriser.candidate(request, candidate)
    np.testing.assert_array_equal(apart, featuriser.row(of))


def test_a_fact_that_no_catalogue_knows_is_an_error_when_the_featuriser_is_made() -> None:
    with pytest.raises(KeyError):
        scope_of(("nonsense",))


# What training sees


def test_a_row_is_not_told_its_own_label() -> None:
    labels = [1.0, *[0.0] * 9]
    fitted = fit({"tagid_rate": Rate(facts=("tagid",), prior_positives=1.0)}, rows(labels, tagid=list("abcdefghij")))
    for encoding in ("folds", "ordered"):
        matrix = training_matrix(fitted, rows(labels, tagid=list("abcdefghij")), encoding, seed=1)  # type: ignore[arg-type]
        assert matrix[0, 0] <= matrix[:, 0].max()
        assert matrix[0, 0] < Featuriser(fitted).matrix([facts(tagid="a")])[0, 0]


def test_rates_in_order_of_time_know_only_the_labels_that_were_known_before() -> None:
    data = rows([1.0] * 40, tagid=["a"] * 40)
    first_half_later = np.where(np.arange(40) < 20, NOON_MS + 100 * HOUR_MS, data.known_ms)
    fitted = fit({"tagid_rate": Rate(facts=("tagid",), prior_positives=1.0)}, data)
    found = training_matrix(fitted, replace(data, known_ms=first_half_later), "ordered", seed=1)[:, 0]
    assert found[20] < 0.1 < found[39]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), min_size=2, max_size=30))
def test_rates_counted_in_bulk_are_those_of_the_featuriser(seen: list[tuple[str, str, bool]]) -> None:
    keys: list[tuple[Fact, ...]] = [(first, second) for first, second, _ in seen]
    labels = np.array([float(label) for *_, label in seen])
    learned = np.arange(0, len(keys), 2)
    feature = Rate(facts=("os", "browser"), prior_positives=3.0)
    bulk = Levels(keys).rates(Part(np.arange(len(keys)), learned, labels[learned]), feature)
    table = count([keys[index] for index in learned], labels[learned].tolist())
    one = encoder(Fitted("rate", feature, table=table))
    single = [one({"os": first, "browser": second}, {}) for first, second in keys]
    np.testing.assert_allclose(bulk, single, rtol=1e-12)


def test_a_training_row_does_not_count_itself_among_the_rows_that_were_seen() -> None:
    data = rows([0.0] * 4, tagid=["a", "a", "a", "once"])
    fitted = fit({"tagid_seen": Seen(facts=("tagid",))}, data)
    assert training_matrix(fitted, data, "folds", seed=1)[:, 0].tolist() == pytest.approx([log1p(2)] * 3 + [0.0])


def test_a_feature_added_to_the_catalogue_alone_is_learned_served_and_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and nothing else is changed: recipe, training, check and serving know it by its name."""
    monkeypatch.setitem(
        cast("dict[str, Feature]", CATALOGUE), "tagid_x_exchange_rate", Rate(facts=("tagid", "exchange"))
    )
    data, _ = world(1000)
    version = trained(data, Recipe(features=("tagid_x_exchange_rate", "bidfloor"), rounds=10, folds=2))
    model = stored(tmp_path, version).load("ctr", "1")
    assert model.featuriser.names == ("tagid_x_exchange_rate", "bidfloor")
    seen, unseen = ({"tagid": "tag-1", "exchange": exchange, "bidfloor": 1.0} for exchange in ("x-1", "new"))
    assert model.featuriser.row(seen) != model.featuriser.row(unseen)
    assert 0 < model.probabilities(seen, [seen])[0] < 1
