"""What control asks the checker, and what it answers."""

from typing import Any

from msgspec import Struct

from models.limits import Limits


class Question(Struct, frozen=True):
    """Which version, and what it may cost."""

    directory: str
    limits: Limits


class Verdict(Struct, frozen=True):
    """What was found."""

    reasons: tuple[str, ...] = ()
    """Every reason why the version may not serve; none where it may."""
    fingerprint: str = ""
    """Hash of its manifest."""
    outcome: str = ""
    about: dict[str, Any] = {}
    """For people: what it is and how good it was."""
