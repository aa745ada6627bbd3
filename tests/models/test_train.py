"""Training: the same bytes for the same task, probabilities that are right, and nothing learned from the future."""

import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.dataset.leak import withhold
from models.dataset.rows import Dataset
from models.errors import DataError, RecipeError
from models.facts import Fact
from models.learn import learn
from models.load import build
from models.manifest import MODEL, REPORT
from models.metrics import Outcomes, auc
from models.predictor import Model
from models.recipe import RECIPES, Recipe, read_recipe, usable
from models.sketch import population_stability
from models.train import Trained
from tests.models.build import HOUR_MS, QUICK, facts, rows, stored, trained, world

DATA, TRUTH = world()


def recipe(**changes: object) -> Recipe:
    return msgspec.structs.replace(QUICK, **changes)


def served(version: Trained) -> Model:
    return build("ctr:1", version.manifest, version.files[MODEL].decode())


def test_the_same_task_gives_the_same_bytes(version: Trained) -> None:
    again = trained(DATA.slice(0, 3000), test=DATA.slice(3000, 4000))
    assert again.files == version.files


def test_a_split_that_parts_rows_without_a_value_from_all_others_may_serve(tmp_path: Path) -> None:
    known: list[Fact] = [0.0, 1.0, None, None] * 500
    labels = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0] * 250
    version = trained(rows(labels, bidfloor=known), recipe(features=("bidfloor",)))
    assert b"threshold=inf" in version.files[MODEL]
    model = stored(tmp_path, version).load("ctr", "1")
    at_zero, at_one, at_most, without = (
        model.probabilities(facts(bidfloor=each), [{}])[0] for each in (0.0, 1.0, 1e9, None)
    )
    assert at_zero == at_one == at_most > 10 * without


def test_another_seed_gives_another_model(version: Trained) -> None:
    other = trained(DATA.slice(0, 3000), recipe(seed=2), test=DATA.slice(3000, 4000))
    assert other.files[MODEL] != version.files[MODEL]


def test_figures_are_of_the_later_rows_that_were_kept_apart(version: Trained) -> None:
    assert version.manifest.measured_on == "test"
    assert version.metrics.rows == 1000
    assert version.metrics.auc == pytest.approx(_best_auc(), abs=0.05)


def _best_auc() -> float:
    return auc(Outcomes(TRUTH[3000:], DATA.labels[3000:], np.ones(1000))) or 0.0


def test_without_rows_kept_apart_figures_are_of_rows_predicted_from_earlier_ones() -> None:
    version = trained(DATA)
    assert version.manifest.measured_on == "later rows of training"
    assert 0 < version.metrics.rows < len(DATA)


def test_labels_known_after_the_training_time_change_nothing() -> None:
    """The future is made to say the opposite; training must not notice."""
    as_of_ms = int(DATA.at_ms[-1])
    late = DATA.known_ms + np.where(DATA.labels > 0, 1000 * HOUR_MS, 0) * (np.arange(len(DATA)) % 3 == 0)
    before = Dataset(DATA.facts, DATA.labels, DATA.at_ms, late)
    after = Dataset(DATA.facts, DATA.labels * (late <= as_of_ms), DATA.at_ms, late)
    assert trained(before).files[MODEL] == trained(after).files[MODEL]


def test_probabilities_are_right_although_most_negatives_were_left_out_of_training() -> None:
    found = served(trained(DATA, recipe(negative_rate=0.2, calibration=("none",)))).of_rows(DATA.facts)
    assert found.mean() == pytest.approx(TRUTH.mean(), rel=0.12)


def test_probabilities_are_right_although_the_data_lacks_most_negatives() -> None:
    kept = np.flatnonzero((DATA.labels > 0) | (np.arange(len(DATA)) % 5 == 0))
    found = served(trained(DATA.take(kept).downsampled(0.2))).of_rows(DATA.facts)
    assert found.mean() == pytest.approx(TRUTH.mean(), rel=0.15)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_monotone_feature_moves_the_probability_one_way_only_even_against_the_data(sign: int) -> None:
    model = served(trained(DATA, recipe(features=("tagid_rate", "bidfloor"), monotone={"tagid_rate": sign})))
    place = model.featuriser.names.index("tagid_rate")
    row = np.tile(model.featuriser.matrix(DATA.facts[:1]), (50, 1))
    row[:, place] = np.linspace(0, 0.5, 50)
    steps = np.diff(model.of_matrix(row))
    assert (steps * sign >= 0).all()
    assert (steps > 0).any() == (sign == 1)


@pytest.mark.parametrize("categorical", [True, False])
def test_categories_are_split_by_set_where_the_recipe_says_so(categorical: bool) -> None:
    text = trained(DATA, recipe(features=("tagid_category",), categorical=categorical)).files[MODEL].decode()
    by_set = [line for line in text.splitlines() if line.startswith("num_cat=") and line != "num_cat=0"]
    assert bool(by_set) == categorical


@pytest.mark.slow
@pytest.mark.parametrize("kept", [1.0, 0.05])
def test_mean_predictions_are_unbiased_within_chance_on_many_rows_whose_probabilities_are_known(kept: float) -> None:
    """Within three standard errors of the ratio of positives to negatives in the rows that were kept."""
    data, _ = world(100_000, seed=11)
    chosen = np.flatnonzero((data.labels > 0) | (np.random.default_rng(3).random(len(data)) < kept))
    found = data.take(chosen).downsampled(kept)
    model = served(trained(found, recipe(rounds=400, patience=40, leaves=15, calibration=("none",))))
    fresh, truth = world(100_000, seed=12)
    error = 3 * np.sqrt(1 / found.positives + 1 / (len(found) - found.positives))
    assert model.of_rows(fresh.facts).mean() == pytest.approx(truth.mean(), rel=error)


def test_progress_reaches_its_end() -> None:
    seen: list[tuple[int, int]] = []
    learn(DATA, QUICK, int(DATA.at_ms[-1]), lambda _, done, of: seen.append((done, of)))
    assert seen == sorted(seen)
    assert seen[-1] == (QUICK.folds + 1, QUICK.folds + 1)


def test_a_rate_whose_values_come_as_they_did_has_not_drifted(version: Trained) -> None:
    """Folds give one value several rates in training; live it has one."""
    model, later = served(version), DATA.slice(3000, 4000)
    matrix = model.featuriser.matrix(later.facts)
    for name in ("tagid_rate", "campaign_rate", "campaign_x_tagid_rate"):
        live = matrix[:, model.featuriser.names.index(name)]
        assert population_stability(version.manifest.sketches[name], live) < 0.05


# Other kinds


def test_smoothed_rates_need_no_trees_and_are_right_on_average() -> None:
    version = trained(DATA, recipe(kind="rates", features=("campaign_x_tagid_rate",)))
    found = served(version).of_rows(DATA.facts)
    assert found.mean() == pytest.approx(DATA.labels.mean(), rel=0.05)
    assert np.corrcoef(found, TRUTH)[0, 1] > 0.85
    assert version.manifest.measured_on == "training rows"


def test_a_campaign_that_was_never_seen_is_tried_at_a_raised_rate() -> None:
    plain, tried = (
        served(trained(DATA, recipe(kind="rates", features=("campaign_x_tagid_rate",), bonus=bonus)))
        for bonus in (0, 0.5)
    )
    new = [{"campaign": "new", "tagid": "tag-1"}]
    assert tried.of_rows(new) == pytest.approx(1.5 * plain.of_rows(new))


def test_a_constant_is_the_share_of_positives() -> None:
    model = served(trained(DATA, recipe(kind="constant", features=())))
    assert model.of_rows(DATA.facts[:2]) == pytest.approx([DATA.labels.mean()] * 2)


def test_smoothed_rates_go_by_one_rate() -> None:
    with pytest.raises(RecipeError, match="smoothed rates go by one feature that is a rate, found bidfloor"):
        trained(DATA, recipe(kind="rates", features=("bidfloor",)))


# Recipes


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_of_the_package_is_sound(name: str) -> None:
    found = read_recipe(name)
    assert set(found.monotone) <= set(found.declared())


def test_a_recipe_with_a_mistake_is_named_with_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("leafs = 7\n")
    with pytest.raises(RecipeError, match=re.escape(str(path)) + ".*leafs"):
        read_recipe(str(path))


def test_an_unknown_feature_is_named() -> None:
    with pytest.raises(RecipeError, match="the catalogue has no feature called moon_phase"):
        recipe(features=("moon_phase",)).declared()


def test_features_that_the_rows_cannot_teach_are_left_out_with_the_reason() -> None:
    data = rows([0.0, 1.0] * 40, domain=[None, "a"] * 40)
    leaking = msgspec.structs.replace(QUICK, features=("domain_rate", "city_rate", "local_hour", "bidfloor"))
    kept, left_out = usable(leaking, withhold(data))
    assert kept.features == ("bidfloor",)
    assert left_out == {
        "domain_rate": "the fact domain leaks the outcome: present in all 40 positives but in 0% of the negatives only",
        "city_rate": "no row has the fact city",
        "local_hour": "needs rows of 24 hours, found 1.3",
    }


def test_too_few_positives_are_said_to_be() -> None:
    with pytest.raises(DataError, match="at least 10 positives and one negative, found 3 positives in 30 rows"):
        trained(rows([1.0] * 3 + [0.0] * 27))


# The page


def test_the_report_is_one_page_that_needs_nothing_else(version: Trained) -> None:
    page = version.files[REPORT].decode()
    assert page.count("<svg") == 5
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"']?(?!#)", page.replace('xlink:href="#', ""))
    for title in ("Reliability", "Scores", "Calibration by slice", "Importance", "Drift since training"):
        assert f"<h2>{title}</h2>" in page


def test_facts_in_a_report_are_text_not_markup() -> None:
    data = rows([0.0, 1.0] * 40, domain=["<script>alert(1)</script>", "b"] * 40)
    page = trained(data, recipe(features=("bidfloor",))).files[REPORT].decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
