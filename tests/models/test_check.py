"""A model version that is wrong in any way is refused, with the reason that is true."""

import io
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from math import inf, nan
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models import parity
from models.calibrate import Calibration
from models.check import load
from models.errors import RefusedError
from models.features.kinds import Number
from models.limits import DEFAULT_LIMITS, Limits
from models.manifest import MANIFEST, MODEL, PARITY, REPORT, decode, encode, fingerprint, schema_hash
from models.rates import Count, RateTable
from models.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(store: Store) -> Path:
    """The directory of a version that would be accepted."""
    return store.directory("ctr", "1")


def reasons(place: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(RefusedError) as refused:
        load(place, limits)
    return "; ".join(refused.value.reasons)


def rewrite(place: Path, **changes: Any) -> None:
    """Another manifest, which is honest about the files as they are."""
    manifest = msgspec.structs.replace(decode((place / MANIFEST).read_bytes()), **changes)
    files = {name: fingerprint((place / name).read_bytes()) for name in (MODEL, PARITY, REPORT)}
    (place / MANIFEST).write_bytes(encode(msgspec.structs.replace(manifest, files=files)))


def edit_model(place: Path, edit: Callable[[str], str]) -> None:
    """Another model file, under a manifest that vouches for it."""
    (place / MODEL).write_text(edit((place / MODEL).read_text()))
    rewrite(place)


def edit_parity(place: Path, **columns: Any) -> None:
    """Other parity rows, under a manifest that vouches for them."""
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    (place / PARITY).write_bytes(parity.encode(rows._replace(**columns)))
    rewrite(place)


def test_a_version_as_it_was_trained_is_accepted(place: Path) -> None:
    assert load(place).name == "ctr:1"


def test_a_version_that_is_deleted_while_it_is_looked_at(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Path.iterdir

    def deleting(path: Path) -> Iterator[Path]:
        if path == place:
            shutil.rmtree(place)
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", deleting)
    assert "No such file or directory" in reasons(place)


@pytest.mark.parametrize("file", [MODEL, MANIFEST, PARITY, REPORT])
def test_a_missing_file(place: Path, file: str) -> None:
    (place / file).unlink()
    assert reasons(place) == f"{file} is missing"


@pytest.mark.parametrize("file", [MODEL, PARITY, REPORT])
def test_a_file_with_one_flipped_byte(place: Path, file: str) -> None:
    data = bytearray((place / file).read_bytes())
    data[len(data) // 2] ^= 1
    (place / file).write_bytes(data)
    assert reasons(place).startswith(f"{file} has the hash ")


@pytest.mark.parametrize("file", [MODEL, PARITY, REPORT])
def test_a_truncated_file(place: Path, file: str) -> None:
    (place / file).write_bytes((place / file).read_bytes()[:-10])
    assert f"{file} has the hash " in reasons(place)


def test_a_truncated_manifest(place: Path) -> None:
    (place / MANIFEST).write_bytes((place / MANIFEST).read_bytes()[:-10])
    assert "truncated" in reasons(place)


def test_a_file_that_is_a_link_to_what_may_change_behind_our_back(place: Path, tmp_path: Path) -> None:
    (place / MODEL).rename(tmp_path / "elsewhere.txt")
    (place / MODEL).symlink_to(tmp_path / "elsewhere.txt")
    assert reasons(place) == "model.txt is a link, expected a file"


def test_a_directory_under_the_name_of_a_file(place: Path) -> None:
    (place / REPORT).unlink()
    (place / REPORT).mkdir()
    assert reasons(place) == "report.html is a directory, expected a file"


def test_a_version_that_is_a_link(place: Path, tmp_path: Path) -> None:
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert reasons(place) == "the version is a link, expected a directory"


def test_a_file_that_is_none_of_a_version(place: Path) -> None:
    (place / "model.pkl").write_bytes(pickle.dumps(print))
    (place / ".nfs0001").write_bytes(b"")
    assert reasons(place) == f"model.pkl is no file of a version, which has {MODEL}, {MANIFEST}, {PARITY}, {REPORT}"


def test_a_pickle_under_the_name_of_the_model(place: Path) -> None:
    (place / MODEL).write_bytes(pickle.dumps({"weights": 0.5}))
    rewrite(place)
    assert reasons(place).startswith("model.txt: 'utf-8' codec can't decode byte 0x80")


def test_a_manifest_that_leads_out_of_the_store(place: Path) -> None:
    rewrite(place, name="../../etc")
    assert reasons(place) == "manifest.json is of the model ../../etc, and lies under ctr"
    manifest = decode((place / MANIFEST).read_bytes())
    files = {**manifest.files, "../../etc/passwd": "0" * 64}
    (place / MANIFEST).write_bytes(encode(msgspec.structs.replace(manifest, name="ctr", files=files)))
    assert reasons(place).startswith("manifest.json has hashes of ../../etc/passwd, model.txt,")


def test_a_manifest_nested_without_end(place: Path) -> None:
    text = (place / MANIFEST).read_text()
    start = text.index('"recipe": {') + len('"recipe": {')
    (place / MANIFEST).write_text(f'{text[:start]}"deep":{"[" * 100_000}')
    assert reasons(place) == "manifest.json: nested too deeply"


def test_a_manifest_with_a_value_of_another_type(place: Path) -> None:
    data = msgspec.json.decode((place / MANIFEST).read_bytes())
    (place / MANIFEST).write_bytes(msgspec.json.encode(data | {"offset": "high"}))
    assert reasons(place) == "manifest.json: Expected `float`, got `str` - at `$.offset`"


def test_a_manifest_with_a_key_of_another_time(place: Path) -> None:
    data = msgspec.json.decode((place / MANIFEST).read_bytes())
    (place / MANIFEST).write_bytes(msgspec.json.encode(data | {"surprise": 1}))
    assert "surprise" in reasons(place)


def test_a_manifest_of_a_later_format(place: Path) -> None:
    rewrite(place, format=2)
    assert reasons(place) == "manifest.json has format 2, this program reads 1"


def test_a_version_that_lies_under_another_model(place: Path) -> None:
    other = place.parent.with_name("cvr")
    place.parent.rename(other)
    assert reasons(other / "1") == "manifest.json is of the model ctr, and lies under cvr"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(model_bytes=100), r"model.txt has \d+ bytes, at most 100 are allowed"),
        (Limits(trees=2), r"model.txt: \d+ trees, at most 2 are allowed"),
        (Limits(leaves=3), r"model.txt: tree \d has 4 leaves, at most 3 are allowed"),
        (Limits(features=2), r"5 features, at most 2 are allowed"),
        (Limits(row_us=0.0), r"a row takes \d+ µs, at most 0 are allowed"),
        (Limits(parity_bytes=120_000), r"parity.npz has \d+ bytes, at most 120000 are allowed"),
    ],
)
def test_a_model_beyond_a_limit(place: Path, limits: Limits, reason: str) -> None:
    assert re.fullmatch(reason, reasons(place, limits))


def test_features_that_are_not_those_of_the_schema_hash(place: Path) -> None:
    rewrite(place, schema="0" * 64)
    assert "the features have the hash" in reasons(place)


def test_a_feature_that_the_catalogue_does_not_know(place: Path) -> None:
    features = list(decode((place / MANIFEST).read_bytes()).features)
    features[0] = msgspec.structs.replace(features[0], name="moon_phase")
    rewrite(place, features=tuple(features), schema=schema_hash(features))
    assert "the catalogue has no feature called moon_phase" in reasons(place)


def test_a_feature_that_means_something_else_here(place: Path) -> None:
    features = list(decode((place / MANIFEST).read_bytes()).features)
    index = next(index for index, each in enumerate(features) if each.name == "bidfloor")
    features[index] = msgspec.structs.replace(features[index], feature=Number(facts=("hour",)))
    rewrite(place, features=tuple(features), schema=schema_hash(features))
    assert "the feature bidfloor is declared as Number(facts=('hour',)" in reasons(place)


def with_feature(place: Path, name: str, **changes: Any) -> None:
    """Something else that training is said to have found of a feature."""
    features = tuple(
        msgspec.structs.replace(each, **changes) if each.name == name else each
        for each in decode((place / MANIFEST).read_bytes()).features
    )
    rewrite(place, features=features, schema=schema_hash(features))


@pytest.mark.parametrize(
    "table",
    [
        RateTable(-1.0, 0.0, ()),
        RateTable(5.0, 6.0, ()),
        RateTable(5.0, 1.0, ((Count((), 1.0, 0.0),),)),
        RateTable(5.0, 1.0, ((Count(("shoes", "top"), 1.0, 0.0),),)),
        RateTable(5.0, 1.0, ((Count(("shoes",), 6.0, 0.0),),)),
        RateTable(5.0, 1.0, ((Count(("shoes",), 2.0, -1.0),),)),
        RateTable(5.0, 1.0, ((), ())),
    ],
)
def test_counts_that_nobody_can_have_counted(place: Path, table: RateTable) -> None:
    with_feature(place, "campaign_rate", table=table)
    assert reasons(place) == "the table of campaign_rate holds what nobody can have counted"


def test_what_features_of_another_kind_learn(place: Path) -> None:
    with_feature(place, "campaign_rate", table=None, vocabulary=(("shoes",),))
    assert (
        reasons(place)
        == "campaign_rate has a vocabulary, which only categories have; campaign_rate has no table of counts"
    )
    with_feature(place, "exchange_category", vocabulary=(("plain", "top"),))
    assert "the vocabulary of exchange_category has a value that is not of 1 facts" in reasons(place)


def test_rates_by_other_features_than_a_rate(place: Path) -> None:
    rewrite(place, kind="rates")
    assert reasons(place) == "a model of rates goes by a rate and how often it was seen, found 5 features"


@pytest.mark.parametrize("knots", [((0.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (1.0, 0.0)), ((1.0, 0.0), (0.0, 1.0))])
def test_a_calibration_that_does_not_rise(place: Path, knots: tuple[tuple[float, float], ...]) -> None:
    rewrite(place, calibration=Calibration("isotonic", knots=knots))
    assert reasons(place) == "the knots of the calibration do not rise"


def test_trees_over_other_columns_than_the_manifest_names(place: Path) -> None:
    edit_model(place, lambda text: text.replace("feature_names=exchange_category", "feature_names=os_category"))
    assert reasons(place) == "model.txt: feature 1 is os_category, in the manifest exchange_category"


def test_a_file_that_is_no_model(place: Path) -> None:
    edit_model(place, lambda _: "hello")
    assert reasons(place) == (
        "model.txt: no whole LightGBM model: expected `tree` as its first line, trees, and `end of trees`"
    )


def test_a_leaf_that_is_not_a_number(place: Path) -> None:
    edit_model(place, lambda text: resized(re.sub(r"leaf_value=\S+", "leaf_value=nan", text, count=1)))
    assert reasons(place) == "model.txt: tree 0 has the leaf_value nan, expected finite numbers"


@pytest.mark.parametrize(
    ("found", "put", "reason"),
    [
        ("version=v4", "version=v3", "its header says version=v3, expected v4"),
        ("num_class=1", "num_class=2", "its header says num_class=2, expected 1"),
        ("max_feature_idx=4", "max_feature_idx=5", "its header says max_feature_idx=5, expected 4"),
        ("feature_infos=\\S+ ", "feature_infos=", "its header has not one feature_info for each feature"),
        ("tree_sizes=\\d+", "tree_sizes=9", "its trees have other sizes than tree_sizes says"),
        ("num_leaves=\\d+", "num_leaves=-1", "tree 0 has num_leaves=-1, expected a number"),
        ("num_leaves=\\d+", "num_leaves=3", "tree 0 has 3 numbers of split_feature, expected 2"),
        ("split_feature=\\d+", "split_feature=", "tree 0 has 2 numbers of split_feature, expected 3"),
        ("split_feature=\\d+", "split_feature=99", "tree 0 splits by column 99 in the way 2, there are 5"),
        ("decision_type=\\d+", "decision_type=16", "in the way 16, there are 5"),
        ("decision_type=\\d+", "decision_type=1", "tree 0 splits by the set"),
        ("threshold=\\S+", "threshold=inf", "tree 0 has the threshold inf, expected finite numbers"),
        ("leaf_value=\\S+", "leaf_value=much", "tree 0, leaf_value: could not convert string to float"),
        ("left_child=\\S+", "left_child=0", "tree 0 leads back from node 0 to node 0"),
        ("left_child=\\S+", "left_child=-9", "tree 0 does not reach each node and leaf once"),
        ("is_linear=0", "is_linear=1", "tree 0 holds what trees of this version do not"),
        ("shrinkage=\\S+", "shrinkage=1\nsurprise=1", "tree 0 holds what trees of this version do not"),
        ("end of trees", "end of", "model.txt: no whole LightGBM model"),
    ],
)
def test_trees_that_would_break_lightgbm_do_not_reach_it(place: Path, found: str, put: str, reason: str) -> None:
    def edit(text: str) -> str:
        edited = re.sub(f"^{found}", put, text, count=1, flags=re.MULTILINE)
        return edited if found.startswith("tree_sizes") else resized(edited)

    edit_model(place, edit)
    assert reason in reasons(place)


def resized(text: str) -> str:
    """The text with the sizes of its trees as they are."""
    starts = [each.start() for each in re.finditer(r"^Tree=\d+$|^end of trees", text, re.MULTILINE)]
    sizes = " ".join(str(after - before) for before, after in pairwise(starts))
    return re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", text, flags=re.MULTILINE)


@pytest.mark.slow
def test_mutated_trees_are_refused_or_served_but_never_crash_the_process(place: Path) -> None:
    """In a process of its own, since what it tries to provoke is the end of the process."""
    command = [sys.executable, "-m", "tests.models.mutant_trees", str(place), "3000"]
    found = subprocess.run(command, capture_output=True, check=False, text=True, timeout=500, cwd=ROOT)
    assert found.returncode == 0, found.stderr[-2000:]
    refused, served = map(int, found.stdout.split())
    assert refused > 2000
    assert served > 20


def test_a_model_that_gives_nan(place: Path) -> None:
    rewrite(place, calibration=Calibration("platt", float("nan"), 0.0))
    assert "null" in reasons(place)  # JSON has no NaN, so that the manifest itself is refused


def test_probabilities_that_are_not_reproduced(place: Path) -> None:
    edit_model(place, lambda text: resized(re.sub(r"(?<=leaf_value=)(\S+)", "0.5", text, count=1)))
    assert "parity rows scored together are off by up to" in reasons(place)


def test_an_error_beyond_a_billionth_is_enough(place: Path) -> None:
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    edit_parity(place, probabilities=rows.probabilities + 3e-9)
    assert "are off by up to 3e-09, at most 1e-09 is allowed" in reasons(place)


def test_facts_that_become_other_floats_than_in_training(place: Path) -> None:
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    rows.rows[7, 0] += 0.5
    edit_parity(place, rows=rows.rows)
    assert reasons(place) == (
        "the facts of parity.npz become other floats than they did in training, 1 of them "
        f"(row 7, exchange_category: {rows.rows[7, 0] - 0.5}, in training {rows.rows[7, 0]})"
    )


def test_a_difference_in_the_last_place_of_a_float_is_one(place: Path) -> None:
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    edit_parity(place, rows=np.nextafter(rows.rows, np.inf))
    assert reasons(place).startswith("the facts of parity.npz become other floats than they did in training")


def test_parity_rows_of_another_width(place: Path) -> None:
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    edit_parity(place, rows=rows.rows[:, 1:])
    assert re.search(
        r"the facts of parity.npz become \(\d+, 5\) floats, rows by features, and \(\d+, 4\) in", reasons(place)
    )


def test_probabilities_beyond_those_the_manifest_gives(place: Path) -> None:
    rewrite(place, probabilities=(0.4, 0.5))
    assert "manifest.json says 0.4 to 0.5" in reasons(place)


def test_probabilities_far_from_what_came(place: Path) -> None:
    rows = parity.decode((place / PARITY).read_bytes(), 1 << 30)
    edit_parity(place, labels=np.ones(len(rows.labels)))
    assert re.search(
        r"[\d.]+ positives were predicted on the parity rows and 1000 are there: the chance of that is 0, ",
        reasons(place),
    )


def test_parity_rows_as_pickled_objects_are_never_unpickled(place: Path) -> None:
    with (place / PARITY).open("wb") as file:
        columns = dict.fromkeys(("labels", "probabilities", "rows", "weights"), np.zeros(1))
        np.savez(file, facts=np.array([print], dtype=object), **columns)
    rewrite(place)
    assert "not a parity file: Object arrays cannot be loaded" in reasons(place)


def test_parity_rows_that_unfold_to_more_than_is_allowed(place: Path) -> None:
    with (place / PARITY).open("wb") as file:
        np.savez_compressed(file, facts=np.zeros(1 << 24, dtype=np.uint8))
    rewrite(place)
    assert "unfolds to" in reasons(place, Limits(parity_bytes=1 << 20))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"labels": np.full(1000, nan)}, "a label is neither 0 nor 1"),
        ({"weights": np.zeros(1000)}, "a weight is not above 0"),
        ({"weights": np.full(1000, inf)}, "a weight is not above 0"),
        ({"labels": np.zeros(1000, dtype=complex)}, "expected floats, found complex128, float64"),
        ({"labels": np.zeros(())}, "for each of 1000 rows, found (1000, 5), (1000,), (), (1000,)"),
        ({"rows": np.zeros((1000, 5, 1))}, "for each of 1000 rows, found (1000, 5, 1), (1000,), (1000,), (1000,)"),
    ],
)
def test_parity_rows_that_prove_nothing(place: Path, columns: dict[str, Any], reason: str) -> None:
    edit_parity(place, **columns)
    assert reason in reasons(place)


def test_parity_rows_of_more_than_there_is_memory_for(place: Path) -> None:
    with zipfile.ZipFile(place / PARITY, "w") as archive:
        for name in ("facts", "rows", "probabilities", "labels", "weights"):
            header = io.BytesIO()
            shape = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
            np.lib.format.write_array_header_1_0(header, shape)
            archive.writestr(f"{name}.npy", header.getvalue())
    rewrite(place)
    assert reasons(place).startswith("parity.npz: not a parity file: Unable to allocate")


def test_parity_rows_with_bytes_flipped_at_random_are_refused_or_served(place: Path) -> None:
    chance, whole = np.random.default_rng(1), (place / PARITY).read_bytes()
    for _ in range(60):
        data = np.frombuffer(whole, dtype=np.uint8).copy()
        places = np.concatenate([chance.integers(0, 300, 2), chance.integers(len(data) - 600, len(data), 2)])
        data[places] = chance.integers(0, 256, 4)
        (place / PARITY).write_bytes(data.tobytes())
        rewrite(place)
        with suppress(RefusedError):  # anything else would end the process that checks
            load(place)


@pytest.mark.parametrize("junk", [b"", b"PK", b"not a zip file at all"])
def test_parity_rows_that_are_no_archive(place: Path, junk: bytes) -> None:
    (place / PARITY).write_bytes(junk)
    rewrite(place)
    assert "not a parity file" in reasons(place)


def test_every_reason_is_told_at_once(place: Path) -> None:
    (place / REPORT).write_bytes(b"")
    (place / MODEL).write_bytes(b"")
    found = reasons(place)
    assert "report.html has the hash" in found
    assert "model.txt has the hash" in found
    assert "model.txt: no whole LightGBM model" in found
