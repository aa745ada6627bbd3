"""A model that is slow for no fault but its trees: each row goes all the way down each of them."""

from pathlib import Path

from tests.models.test_check import edit_model, resized


def add_deep_trees(place: Path, trees: int, leaves: int) -> None:
    """Add trees that say nothing to a version, under a manifest that vouches for it; its column 0 is below 1000."""
    edit_model(place, lambda text: _with_deep_trees(text, trees, leaves))


def _with_deep_trees(text: str, trees: int, leaves: int) -> str:
    there = text.count("\nTree=")
    deep = "".join(_deep_tree(there + number, leaves) for number in range(trees))
    return resized(text.replace("end of trees", f"{deep}end of trees", 1))


def _deep_tree(number: int, leaves: int) -> str:
    """Each node has a leaf to its right and the next node to its left, where the row goes."""
    nodes = leaves - 1
    lists = {
        "num_leaves": [leaves],
        "num_cat": [0],
        "split_feature": [0] * nodes,
        "split_gain": [1] * nodes,
        "threshold": [1000] * nodes,
        "decision_type": [2] * nodes,
        "left_child": [*range(1, nodes), -leaves],
        "right_child": range(-1, -leaves, -1),
        "leaf_value": [0] * leaves,
        "leaf_weight": [1] * leaves,
        "leaf_count": [1] * leaves,
        "internal_value": [0] * nodes,
        "internal_weight": [1] * nodes,
        "internal_count": [1] * nodes,
        "is_linear": [0],
        "shrinkage": [1],
    }
    lines = [f"{name}={' '.join(map(str, values))}" for name, values in lists.items()]
    return "\n".join([f"Tree={number}", *lines, "", "", ""])
