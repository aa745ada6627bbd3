"""What every OpenRTB object has in common."""

from typing import Annotated, Any, TypeVar

from msgspec import Meta, Raw, Struct

MAX_ITEMS = 1_000
"""The longest array of a kind that every request is searched through; bounds the time a hostile one can take."""

T = TypeVar("T")

NO_EXT = Raw()
"""The value of an `ext` that was not sent. Empty, so it is false in a condition.

Only this very object is known as absent to msgspec. `openrtb.encode_request` and its kin take any empty `Raw` for it.
"""

Int = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""An integer every JSON reader holds exactly (RFC 7493, 2.2). Larger ones are refused, not passed on."""

Searched = Annotated[list[T], Meta(max_length=MAX_ITEMS)]
"""An array whose items are looked at one by one when it is read (`openrtb.upgrade`). Longer ones are refused."""


class Wire(Struct, omit_defaults=True, kw_only=True, gc=False):
    """Base of all wire objects.

    An attribute that was not sent has the default the specification states, or `None` where absent means
    unknown; required strings and arrays are empty instead, so that callers need not test for `None`.
    Attributes left at their default are not written. Objects never refer back to their parents, so the
    garbage collector need not look at them (`gc=False`).
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Deep copies and pickles hold what differs from the defaults, so that these stay the very same objects."""
        absent = type(self)()
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return (_build, (type(self), {name: value for name, value in values.items() if value != getattr(absent, name)}))


def fill_hollow(node: Struct) -> None:
    """Put `NO_EXT` in the place of every empty `Raw` in `node` and below."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Raw) and not value:
            setattr(node, name, NO_EXT)
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, Struct):
                fill_hollow(item)


def _build(cls: type[Wire], values: dict[str, object]) -> Wire:
    return cls(**values)
