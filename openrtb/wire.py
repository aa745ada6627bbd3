"""What every OpenRTB object has in common."""

from typing import Annotated, TypeVar

from msgspec import Meta, Raw, Struct

MAX_ITEMS = 1_000
"""The longest array of a kind that every request is searched through; bounds the time a hostile one can take."""

T = TypeVar("T")

NO_EXT = Raw()
"""The value of an `ext` that was not sent. Empty, so it is false in a condition."""

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
