"""Native: JSON that answers exactly the assets a request asks for (Native 1.2, 5)."""

from collections.abc import Hashable
from hashlib import blake2b

from bidder.auction.creative.assets import Assets
from bidder.auction.creative.markup.escape import json_string
from bidder.auction.creative.markup.rendered import Rendered
from bidder.auction.creative.slot import Slot
from bidder.config.schema import Creative
from bidder.domain.links import Links
from openrtb.enums import CreativeMarkupTypes, Native12EventTrackingMethods, Native12EventTypes
from openrtb.native import EventTrackerRequest

_NATIVE = int(CreativeMarkupTypes.NATIVE)
_EVENT = int(Native12EventTypes.IMPRESSION)
_METHOD = int(Native12EventTrackingMethods.IMG)
_OLDER = {"1": "1", "1.0": "1.0", "1.1": "1.1"}
"""Versions that are answered in kind; the answer differs from that of 1.2 in nothing else."""


class NativeMarkup:
    """The answers of one creative."""

    __slots__ = ("_apis", "_assets", "_attr")

    def __init__(self, creative: Creative, assets: Assets | None) -> None:
        self._assets = assets
        self._attr = creative.attr
        self._apis = creative.api

    def render(self, slot: Slot, links: Links) -> Rendered:
        """JSON for `Bid.adm`, its root the native object itself.

        The impression is tracked by an event tracker where the request offers one, else as before Native 1.2. Raises
        `ValueError` where the creative does not fit.
        """
        request = slot.native
        answered = self._assets.answers(request) if request is not None and self._assets is not None else None
        if request is None or answered is None:
            raise ValueError("the native request cannot be answered")
        pixel = json_string(links.impression)
        if _tracks(request.eventtrackers):
            tracker = f'"eventtrackers":[{{"event":{_EVENT},"method":{_METHOD},"url":{pixel}}}]'
        else:
            tracker = f'"imptrackers":[{pixel}]'
        version = _OLDER.get(request.ver, "1.2")
        link = json_string(links.click)
        adm = f'{{"ver":"{version}","assets":[{",".join(answered)}],"link":{{"url":{link}}},{tracker}}}'
        return Rendered(adm, _NATIVE, attr=self._attr, apis=self._apis)

    def variant(self, slot: Slot) -> Hashable:
        """The request, by its digest: it may be long."""
        return blake2b(slot.native_text.encode(errors="surrogatepass"), digest_size=16).digest()


def _tracks(offered: list[EventTrackerRequest] | None) -> bool:
    """Whether impressions may be tracked by an image, as an event."""
    return any(each.event == _EVENT and _METHOD in each.methods for each in offered or ())
