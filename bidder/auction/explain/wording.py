"""Changes to a campaign, in the words of its TOML file."""

from collections.abc import Sequence


def shown(values: Sequence[str]) -> str:
    """The first few of a list of values."""
    listed = ", ".join(values[:6])
    return f"{listed}, and {len(values) - 6} more" if len(values) > 6 else listed


def added(name: str, value: str) -> str:
    """How a campaign would accept this value of an attribute."""
    if name in _SWITCHES:
        return f"{name} = {'true' if value == 'yes' else 'false'}"
    return f"add {_entry(name, value)} to include.{name}" if name != "dayparting" else "a day part with this hour"


def removed(name: str, values: Sequence[str]) -> str:
    """How a campaign would no longer refuse these values of an attribute."""
    place = name if name.startswith("safety.") else f"exclude.{name}"
    return f"remove {shown([_entry(name, value) for value in values])} from {place}"


def left_out(name: str) -> str:
    """How a campaign would no longer ask for an attribute."""
    if name in _SWITCHES:
        return f"leave {name} out"
    return "dayparting by the campaign's own clock" if name == "dayparting" else f"leave include.{name} out"


_SWITCHES = frozenset({"placement.interstitial", "placement.rewarded"})


def _entry(name: str, value: str) -> str:
    """A key of the index as it is written in the file."""
    if name in {"category", "safety.categories"}:
        taxonomy, _, category = value.partition(":")
        return category if taxonomy == "1" else f"{category} (cattax {taxonomy})"
    if name == "os":
        return f'{{ name = "{value}" }}'
    return f"{{ min = {value}, max = {value} }}" if name == "age" else value
