"""Rules about where a campaign runs."""

from collections.abc import Callable, Iterator

from msgspec import structs

from bidder.config.lines import Path
from bidder.config.mistake import Fault
from bidder.config.rules.registry import rule
from bidder.config.schema import AgeRange, Campaign, Categories, Hours, Table, Targeting, VersionRange
from bidder.config.tables import elements, is_right


@rule(VersionRange, "min", "max")
def versions_ascend(versions: VersionRange) -> Iterator[Fault]:
    if versions.min is not None and versions.max is not None:
        least, most = _numbers(versions.min), _numbers(versions.max)
        if least[: len(most)] > most:
            yield Fault(("max",), f"a version not below `min` ({versions.min})", versions.max)


@rule(AgeRange, "min", "max")
def ages_ascend(ages: AgeRange) -> Iterator[Fault]:
    if ages.min > ages.max:
        yield Fault(("max",), f"an age not below `min` ({ages.min})", ages.max)


@rule(Hours, "from_hour", "to_hour")
def hours_ascend(hours: Hours) -> Iterator[Fault]:
    if hours.from_hour >= hours.to_hour:
        wanted = f"an hour after `from_hour` ({hours.from_hour}); hours over midnight are two entries"
        yield Fault(("to_hour",), wanted, hours.to_hour)


def _not_both(name: str) -> Callable[[Campaign], Iterator[Fault]]:
    def check(campaign: Campaign) -> Iterator[Fault]:
        include, exclude = getattr(campaign.include, name), getattr(campaign.exclude, name)
        if not include or not exclude:
            return
        included = {value for _, value in _values(include)}
        for path, value in _values(exclude):
            if value in included and all(map(is_right, _parts(value))):
                yield Fault(("exclude", name, *path), f"a value that `include.{name}` does not name too", _shown(value))

    return check


for _field in structs.fields(Targeting):
    rule(Campaign, f"include.{_field.name}*", f"exclude.{_field.name}*")(_not_both(_field.name))


def _values(named: tuple[object, ...]) -> Iterator[tuple[Path, object]]:
    for index, value in elements(named):
        if isinstance(value, Categories):
            yield from (((index, "ids", at), (value.cattax, name)) for at, name in elements(value.ids))
        else:
            yield (index,), value


def _parts(value: object) -> tuple[object, ...]:
    if isinstance(value, Table):
        return structs.astuple(value)
    return value if isinstance(value, tuple) else (value,)


def _shown(value: object) -> object:
    return value[1] if isinstance(value, tuple) else value


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
