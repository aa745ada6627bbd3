"""Banners: the creative's HTML, or its image in a link, with an impression pixel."""

from collections.abc import Hashable

from bidder.auction.creative.images import image_types
from bidder.auction.creative.markup.escape import attribute, clean_url
from bidder.auction.creative.markup.place import CLICK, lay_out
from bidder.auction.creative.markup.rendered import Rendered
from bidder.auction.creative.slot import Pixels, Slot
from bidder.config.schema import Creative
from bidder.domain.links import Links
from openrtb.enums import BannerAdTypes, CreativeAttributes, CreativeMarkupTypes

HTML_TYPES = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
    }
)
"""A slot that takes documents or scripts takes markup, which is how both travel."""

_BANNER = int(CreativeMarkupTypes.BANNER)


class BannerMarkup:
    """The markup of one banner, its click and impression URLs left open."""

    __slots__ = ("_apis", "_attr", "_layout", "_size")

    def __init__(self, creative: Creative, size: Pixels | None) -> None:
        self._layout = lay_out(_html(creative, size))
        self._size = size
        self._attr = creative.attr
        self._apis = creative.api

    def render(self, slot: Slot, links: Links) -> Rendered:
        """HTML for `Bid.adm`; a banner without a size takes the first size or ratio that is offered."""
        adm = self._layout.fill(links.impression, links.click)
        rendered = Rendered(adm, _BANNER, attr=self._attr, apis=self._apis)
        size = self._size
        if size is not None:
            rendered.w, rendered.h = size
        if slot.sizes and (size is None or size in slot.sizes):
            rendered.w, rendered.h = size or slot.sizes[0]
        elif slot.ratios:
            _flex(rendered, size, slot)
        return rendered

    def variant(self, slot: Slot) -> Hashable:
        """Nothing for a banner of a size that is offered as such, else what is offered."""
        size = self._size
        if size is None or (slot.ratios and size not in slot.sizes):
            return (*slot.sizes[:1], *slot.ratios)
        return None


def banner_types(creative: Creative) -> frozenset[int]:
    """What the markup is, as publishers block it (OpenRTB 2.6, list Banner Ad Types)."""
    html = (creative.html or "").lower()
    text_only = CreativeAttributes.TEXT_ONLY in creative.attr
    types = {BannerAdTypes.XHTML_TEXT if text_only else BannerAdTypes.XHTML_BANNER}
    if "<script" in html:
        types.add(BannerAdTypes.JAVASCRIPT)
    if "<iframe" in html:
        types.add(BannerAdTypes.IFRAME)
    return frozenset(map(int, types))


def banner_mimes(creative: Creative) -> frozenset[str]:
    """Media types of which a slot must accept one; empty where the address of the image does not tell."""
    if creative.html is not None or creative.image is None:
        return HTML_TYPES
    types = image_types(creative.image)
    return HTML_TYPES | types if types else types


def _flex(rendered: Rendered, size: Pixels | None, slot: Slot) -> None:
    """The bid on a Flex Ad names the ratio (OpenRTB 2.6, 4.2.3)."""
    ratio = slot.ratios[0] if size is None else slot.ratio_of(size)
    if ratio is None:
        return
    rendered.wratio, rendered.hratio, least = ratio
    if size is None and least > 0:
        rendered.w, rendered.h = least, max(least * rendered.hratio // rendered.wratio, 1)


def _html(creative: Creative, size: Pixels | None) -> str:
    if creative.html is not None:
        return creative.html
    measures = ' width="{}" height="{}"'.format(*size) if size is not None else ""
    source = attribute(clean_url(creative.image or ""))
    image = f'<img src="{source}"{measures} alt="" style="border:0;display:block">'
    return f'<a href="{CLICK}" target="_blank" rel="noopener">{image}</a>'
