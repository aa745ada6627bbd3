"""Video and audio: a VAST or DAAST document around media files of our own, or around a tag that is wrapped."""

from collections.abc import Hashable, Sequence
from hashlib import blake2b

from msgspec import Struct

from bidder.auction.creative.markup.dialect import DIALECTS, protocols_of
from bidder.auction.creative.markup.document import clock, inline, media_file, wrapper
from bidder.auction.creative.markup.escape import cdata
from bidder.auction.creative.markup.rendered import Rendered
from bidder.auction.creative.markup.template import Template
from bidder.auction.creative.media import File, accepted_protocol
from bidder.auction.creative.slot import Slot
from bidder.config.schema import Creative
from bidder.domain.links import Links
from openrtb.enums import CreativeAttributes, CreativeMarkupTypes

_MARKUP_TYPES = {"video": int(CreativeMarkupTypes.VIDEO), "audio": int(CreativeMarkupTypes.AUDIO)}
_SKIP_BUTTON = int(CreativeAttributes.SKIP_BUTTON)


class _Document(Struct, frozen=True):
    template: Template
    files: list[tuple[File, str]]
    names_serving: bool


class InlineMarkup:
    """The documents of one creative with media files, one for each version of VAST or DAAST."""

    __slots__ = ("_apis", "_attr", "_documents", "_duration_s", "_mtype", "_protocols", "_skip", "_usual")

    def __init__(self, creative: Creative, files: Sequence[File]) -> None:
        self._mtype = _MARKUP_TYPES[creative.format]
        self._protocols, self._usual = protocols_of(creative)
        self._documents = {code: _document(code, creative, files) for code in self._protocols}
        self._duration_s = creative.duration_s
        after = creative.skip_after_s
        self._skip = f' skipoffset="{clock(after)}"' if after is not None else ""
        self._attr = creative.attr
        self._apis = creative.api

    def render(self, slot: Slot, links: Links) -> Rendered:
        """The document in the newest version that the slot takes, with the files that it can play.

        The skip control is left to a player that adds its own. Raises `ValueError` where the creative does not fit.
        """
        code = accepted_protocol(self._protocols, self._usual, slot)
        if code is None:
            raise ValueError(f"no version of VAST that we write is among the protocols {slot.protocols}")
        document = self._documents[code]
        playable = [pair for pair in document.files if pair[0].plays(slot)]
        if not playable:
            raise ValueError("none of the media files can be played")
        impression = links.impression
        skip = self._skip if slot.skip != 1 else ""
        values = (
            cdata(impression),
            cdata(links.click),
            "".join([xml for _, xml in playable]),
            skip,
            serving_id(impression) if document.names_serving else "",
        )
        attr = (*self._attr, _SKIP_BUTTON) if skip else self._attr
        adm = document.template.fill(values)
        w, h = playable[0][0].size or (None, None)
        return Rendered(adm, self._mtype, w, h, protocol=code, dur=self._duration_s, attr=attr, apis=self._apis)

    def variant(self, slot: Slot) -> Hashable:
        """The version, the files that the player takes, and who skips."""
        code = accepted_protocol(self._protocols, self._usual, slot)
        files = self._documents[code].files if code is not None else ()
        return code, tuple([file.plays(slot) for file, _ in files]), slot.skip == 1


class WrapperMarkup:
    """The document around a wrapped tag."""

    __slots__ = ("_creative", "_mtype", "_protocol", "_template")

    def __init__(self, creative: Creative) -> None:
        self._creative = creative
        self._mtype = _MARKUP_TYPES[creative.format]
        protocols, self._protocol = protocols_of(creative)
        self._template = wrapper(DIALECTS[self._protocol], creative) if protocols else None

    def render(self, slot: Slot, links: Links) -> Rendered:
        """The document; the same for every slot. Raises `ValueError` where the creative does not fit."""
        creative = self._creative
        if self._template is None or (slot.protocols and self._protocol not in slot.protocols):
            raise ValueError(f"a tag of version {creative.vast_protocol} cannot be wrapped for {slot.protocols}")
        adm = self._template.fill((cdata(links.impression), cdata(links.click)))
        return Rendered(
            adm, self._mtype, protocol=self._protocol, dur=creative.duration_s, attr=creative.attr, apis=creative.api
        )

    def variant(self, slot: Slot) -> Hashable:  # noqa: ARG002
        """Nothing."""
        return None


def _document(code: int, creative: Creative, files: Sequence[File]) -> _Document:
    dialect = DIALECTS[code]
    pieces = [(file, media_file(dialect, file, index)) for index, file in enumerate(files, start=1)]
    return _Document(inline(dialect, creative), pieces, dialect.names_serving)


def serving_id(impression: str) -> str:
    """An id of this very ad: a digest of its impression URL, which no other bid has."""
    return blake2b(impression.encode(), digest_size=16).hexdigest()
