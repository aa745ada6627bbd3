"""What every OpenRTB object has in common."""

from typing import Annotated

from msgspec import Meta, Raw, Struct

NO_EXT = Raw()
"""The value of an `ext` that was not sent. Empty, so it is false in a condition."""

Int = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""An integer every JSON reader holds exactly (RFC 7493, 2.2). Larger ones are refused, not passed on."""


class Wire(Struct, omit_defaults=True, kw_only=True, gc=False):
    """Base of all wire objects.

    An attribute that was not sent has the default the specification states, or `None` where absent means
    unknown; required strings and arrays are empty instead, so that callers need not test for `None`.
    Attributes left at their default are not written. Objects never refer back to their parents, so the
    garbage collector need not look at them (`gc=False`).
    """
