"""The text of a LightGBM model, looked through before LightGBM reads it.

LightGBM trusts its own files: a list that is too short aborts the process, a node that points back at its parent is
followed for ever. So whatever reaches it has been found to be trees here: every list as long as it must be, every
number finite, every node and leaf reached by one way from the root. The form is LightGBM's `v4` (`Tree::ToString`).
One number may be infinite: the threshold of a split that parts missing values from all others.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from math import inf, isfinite

_HEADER = {
    "version": "v4",
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "objective": "binary sigmoid:1",
}
_BY_SPLIT = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child",
             "internal_value", "internal_weight", "internal_count")  # fmt: skip
_BY_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_CATEGORICAL = ("cat_boundaries", "cat_threshold")
_ALONE = ("num_leaves", "num_cat", "is_linear", "shrinkage")
_KEYS = {*_BY_SPLIT, *_BY_LEAF, *_CATEGORICAL, *_ALONE}
_CATEGORICAL_SPLIT = 1
_MISSING_KIND, _MISSING_IS_NAN = 0b1100, 0b1000
"""Of a decision type: which values are missing, bits 2 and 3."""
_END = "end of trees"


class NotTreesError(ValueError):
    """What is wrong with a text, and in which tree."""


def tree_problems(text: str, names: Sequence[str], most_trees: int, most_leaves: int) -> Iterator[str]:
    """Why a text must not reach LightGBM; nothing where it may. `names` are the columns it must have."""
    try:
        trees = _trees(text, names)
        if len(trees) > most_trees:
            yield f"{len(trees)} trees, at most {most_trees} are allowed"
            return
        for number, tree in enumerate(trees):
            leaves = _tree(tree, number, len(names))
            if leaves > most_leaves:
                yield f"tree {number} has {leaves} leaves, at most {most_leaves} are allowed"
                return
    except NotTreesError as error:
        yield str(error)


def _trees(text: str, names: Sequence[str]) -> list[str]:
    """The texts of the trees, after a header that says as much."""
    head, found, rest = text.partition("\nTree=0\n")
    body, ended, _ = rest.partition(f"\n{_END}\n")
    lines = head.split("\n")
    if not found or not ended or lines[0] != "tree":
        raise NotTreesError(f"no whole LightGBM model: expected `tree` as its first line, trees, and `{_END}`")
    header = dict(line.partition("=")[::2] for line in lines[1:] if line)
    for key, expected in {**_HEADER, "max_feature_idx": str(len(names) - 1)}.items():
        if header.get(key) != expected:
            raise NotTreesError(f"its header says {key}={header.get(key)}, expected {expected}")
    found_names = header.get("feature_names", "").split()
    if found_names != list(names):
        pairs = enumerate(zip_longest(found_names, names), 1)
        place, (found_name, name) = next((place, pair) for place, pair in pairs if pair[0] != pair[1])
        raise NotTreesError(f"feature {place} is {found_name}, in the manifest {name}")
    if len(header.get("feature_infos", "").split()) != len(names):
        raise NotTreesError("its header has not one feature_info for each feature")
    trees = re.split(r"^Tree=\d+\n", f"Tree=0\n{body}\n", flags=re.MULTILINE)[1:]
    starts = [each.start() for each in re.finditer(r"^Tree=\d+$", f"Tree=0\n{body}\n", flags=re.MULTILINE)]
    sizes = [str(after - before) for before, after in pairwise([*starts, len(body) + len("Tree=0\n") + 1])]
    if header.get("tree_sizes", "").split() != sizes:
        raise NotTreesError("its trees have other sizes than tree_sizes says")
    return trees


def _tree(text: str, number: int, width: int) -> int:
    """The number of leaves of a tree that is one."""
    lines = [line.partition("=") for line in text.split("\n") if line]
    values = {key: value.split() for key, _, value in lines}
    leaves, categories = _whole(values, "num_leaves", number), _whole(values, "num_cat", number)
    wanted = dict.fromkeys(_BY_SPLIT, leaves - 1) | dict.fromkeys(_BY_LEAF, leaves) | dict.fromkeys(_ALONE, 1)
    if leaves == 1:
        wanted["leaf_weight"] = len(values.get("leaf_weight", ()))
    if categories:
        wanted |= {"cat_boundaries": categories + 1, "cat_threshold": len(values.get("cat_threshold", ()))}
    for key, length in wanted.items():
        if len(values.get(key, ())) != length or key not in values:
            raise NotTreesError(f"tree {number} has {len(values.get(key, ()))} numbers of {key}, expected {length}")
    if len(lines) != len(values) or not set(values) <= _KEYS or values["is_linear"] != ["0"] or leaves < 1:
        raise NotTreesError(f"tree {number} holds what trees of this version do not: {' '.join(sorted(values))}")
    numbers = {key: _numbers(key, value, number) for key, value in values.items()}
    _shape(numbers, leaves, number)
    _splits(numbers, (width, int(categories)), number)
    return leaves


def _whole(values: dict[str, list[str]], key: str, number: int) -> int:
    found = values.get(key, [])
    if len(found) != 1 or not re.fullmatch(r"\d{1,6}", found[0]):
        raise NotTreesError(f"tree {number} has {key}={' '.join(found)}, expected a number")
    return int(found[0])


def _numbers(key: str, values: list[str], number: int) -> list[float]:
    try:
        found = [float(value) for value in values]
    except ValueError as error:
        raise NotTreesError(f"tree {number}, {key}: {error}") from error
    admitted = _is_threshold if key == "threshold" else isfinite
    for value in found:
        if not admitted(value):
            raise NotTreesError(f"tree {number} has the {key} {value:g}, expected finite numbers")
    return found


def _is_threshold(value: float) -> bool:
    return isfinite(value) or value == inf


def _shape(numbers: dict[str, list[float]], leaves: int, number: int) -> None:
    """Every node but the root, and every leaf, is the child of one node before it. Leaf n is written as -1 - n."""
    reached: list[float] = []
    for parent, children in enumerate(zip(numbers["left_child"], numbers["right_child"], strict=True)):
        reached.extend(children)
        for child in children:
            if 0 <= child <= parent:
                raise NotTreesError(f"tree {number} leads back from node {parent} to node {child:g}")
    if leaves > 1 and sorted(reached) != sorted([*range(-leaves, 0), *range(1, leaves - 1)]):
        raise NotTreesError(f"tree {number} does not reach each node and leaf once")


def _splits(numbers: dict[str, list[float]], sizes: tuple[int, int], number: int) -> None:
    """Splits are by columns that there are and, where by category, by sets that there are."""
    width, categories = sizes
    boundaries = numbers.get("cat_boundaries", [0.0])
    ordered = boundaries[0] == 0 and all(before <= after for before, after in pairwise(boundaries))
    if not ordered or boundaries[-1] != len(numbers.get("cat_threshold", [])):
        raise NotTreesError(f"tree {number} has sets of categories that overlap or end elsewhere")
    columns = zip(numbers["split_feature"], numbers["threshold"], numbers["decision_type"], strict=True)
    for column, threshold, kind in columns:
        if column not in range(width) or kind not in range(16):
            raise NotTreesError(f"tree {number} splits by column {column:g} in the way {kind:g}, there are {width}")
        if int(kind) & _CATEGORICAL_SPLIT and threshold not in range(categories):
            raise NotTreesError(f"tree {number} splits by the set {threshold:g} of {categories}")
        if threshold == inf and int(kind) & _MISSING_KIND != _MISSING_IS_NAN:
            raise NotTreesError(f"tree {number} has the threshold {threshold:g}, expected finite numbers")
