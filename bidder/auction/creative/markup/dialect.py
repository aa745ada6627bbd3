"""The versions of VAST and DAAST that can be written, by their code (AdCOM list `Creative Subtypes - Audio/Video`)."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from bidder.config.schema import Creative
from openrtb.enums import CreativeSubtypesAudioVideo as Subtype


class Dialect(Struct, frozen=True):
    """How one version spells what they all say."""

    code: int
    root: str
    version: str
    clicks: str = "VideoClicks"

    @property
    def major(self) -> int:
        """Whether elements stand as in VAST 4 or as before; DAAST 1.0 took the form of VAST 3."""
        return 3 if self.root == "DAAST" else int(self.version[0])

    @property
    def names_serving(self) -> bool:
        """Whether an ad has an `AdServingId` (VAST 4.1, 3.4.1)."""
        return self.root == "VAST" and self.version >= "4.1"


_VAST = {"2.0": (2, 5), "3.0": (3, 6), "4.0": (7, 8), "4.1": (11, 12), "4.2": (13, 14), "4.3": (15, 16)}
_DAAST = (int(Subtype.DAAST_1_0), int(Subtype.DAAST_1_0_WRAPPER))

DIALECTS: Mapping[int, Dialect] = {
    code: Dialect(code, "VAST", version) for version, codes in _VAST.items() for code in codes
} | {code: Dialect(code, "DAAST", "1.0", "AdInteractions") for code in _DAAST}
"""By code, that of a wrapper included."""

_WRAPPERS = {code: pair[1] for pair in (*_VAST.values(), _DAAST) for code in pair}

_VIDEO = (Subtype.VAST_4_3, Subtype.VAST_4_2, Subtype.VAST_4_1, Subtype.VAST_4_0, Subtype.VAST_3_0, Subtype.VAST_2_0)
_AUDIO = (Subtype.VAST_4_3, Subtype.VAST_4_2, Subtype.VAST_4_1, Subtype.VAST_4_0, Subtype.DAAST_1_0)


def protocols_of(creative: Creative) -> tuple[Sequence[int], int]:
    """The codes a video or audio creative can be written in, newest first, and the one for slots that name none.

    A wrapped tag is written in its own version. There is none for tags of VAST 1.0, which has another form, for DAAST
    that is said to be video, and for files that are said to be non-linear. VAST 2.0 cannot say that an ad may be
    skipped.
    """
    if creative.vast_url is not None:
        code = _WRAPPERS.get(creative.vast_protocol)
        if code is None or (creative.format == "video" and code in _DAAST):
            return (), 0
        return (code,), code
    if creative.format == "audio":
        return tuple(map(int, _AUDIO)), int(Subtype.VAST_4_1)
    if not creative.linear:
        return (), 0
    skippable = creative.skip_after_s is not None
    codes = tuple(int(code) for code in _VIDEO if not (skippable and code == Subtype.VAST_2_0))
    return codes, int(Subtype.VAST_3_0)
