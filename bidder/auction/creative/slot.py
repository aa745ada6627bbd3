"""A slot: one media format of one imp, as the facts that creatives are judged by, worked out once."""

from collections.abc import Sequence

from msgspec import Struct

from bidder.config.schema import Format
from openrtb import DecodeError, decode_native_request
from openrtb.imp import Audio, Banner, Imp, Native, Video
from openrtb.native import NativeRequest
from openrtb.request import BidRequest

Pixels = tuple[int, int]
"""Width and height, in device-independent pixels."""

Ratio = tuple[int, int, int]
"""A Flex Ad: width and height of the ratio, and the least width in device-independent pixels."""

MOST_EXTENSION = -1
"""`maxextended` without an end."""


class Slot(Struct, gc=False):
    """What one media object of an imp asks of a creative (OpenRTB 2.6, 3.2.6 to 3.2.9).

    Lists are as they were sent; empty where nothing was said, which mostly restricts nothing. Numbers that were not
    sent are `None`.
    """

    format: Format
    secure: bool = False
    """All that is loaded must come over HTTPS."""
    battr: Sequence[int] = ()
    api: Sequence[int] = ()
    """Frameworks the slot runs; one that is not listed is not there."""
    wlang: Sequence[str] = ()
    """Languages allowed: the first parts of `wlang` or `wlangb`, in lower case."""
    instl: int = 0
    pos: int | None = None

    sizes: Sequence[Pixels] = ()
    """Of a banner: sizes offered, best first. Of a video: the player's."""
    ratios: Sequence[Ratio] = ()
    btype: Sequence[int] = ()
    expdir: Sequence[int] = ()
    mimes: frozenset[str] = frozenset()

    protocols: Sequence[int] = ()
    shortest_s: int = 0
    longest_s: int | None = None
    """With what may be run over, and no longer than the pod."""
    lengths_s: Sequence[int] = ()
    """The only lengths accepted (`rqddurs`)."""
    linearity: int | None = None
    skip: int | None = None
    min_kbps: int | None = None
    max_kbps: int | None = None
    delivery: Sequence[int] = ()
    companions: bool = False
    pod_id: str | None = None
    pod_s: int | None = None
    """Length of a dynamic pod."""
    pod_ads: int | None = None
    pod_place: int = 0

    native_text: str = ""
    _native: NativeRequest | None = None

    @property
    def flexible(self) -> bool:
        """Whether it takes banners by ratio."""
        return bool(self.ratios)

    def ratio_of(self, size: Pixels) -> Ratio | None:
        """The first ratio offered that a banner of this size has (OpenRTB 2.6, 3.2.10)."""
        w, h = size
        for ratio in self.ratios:
            if w * ratio[1] == h * ratio[0] and w >= ratio[2]:
                return ratio
        return None

    @property
    def native(self) -> NativeRequest | None:
        """What a native slot asks for; `None` where that cannot be read."""
        if self._native is None and self.native_text:
            try:
                self._native = decode_native_request(self.native_text)
            except DecodeError:
                self.native_text = ""
        return self._native


def slots_of(imp: Imp, request: BidRequest) -> list[Slot]:
    """The slots of an imp in the order banner, video, audio, native."""
    slots: list[Slot] = []
    if imp.banner is not None:
        slots.append(_banner(imp.banner))
    if imp.video is not None:
        slots.append(_video(imp.video))
    if imp.audio is not None:
        slots.append(_audio(imp.audio))
    if imp.native is not None:
        slots.append(_native(imp.native))
    languages = _languages(request) if request.wlang or request.wlangb else ()
    for slot in slots:
        slot.secure = imp.secure == 1
        slot.instl = imp.instl
        slot.wlang = languages
    return slots


def needs_secure(slot: Slot) -> bool:
    """Whether trackers and assets must load over HTTPS (OpenRTB 2.6, 3.2.4: `secure`)."""
    return slot.secure


def _languages(request: BidRequest) -> Sequence[str]:
    """Creatives name a language without its region, which any region of that language satisfies."""
    return [tag.lower().partition("-")[0] for tag in (*(request.wlang or ()), *(request.wlangb or ()))]


def _banner(banner: Banner) -> Slot:
    sizes: list[Pixels] = []
    ratios: list[Ratio] = []
    for each in banner.format or ():
        if each.w and each.h and each.w > 0 and each.h > 0:
            sizes.append((each.w, each.h))
        elif each.wratio and each.hratio and each.wratio > 0 and each.hratio > 0:
            ratios.append((each.wratio, each.hratio, each.wmin or 0))
    if banner.w and banner.h and banner.w > 0 and banner.h > 0:
        sizes.append((banner.w, banner.h))
    slot = Slot("banner", sizes=sizes, ratios=ratios, pos=banner.pos)
    slot.battr = banner.battr or ()
    slot.api = banner.api or ()
    slot.btype = banner.btype or ()
    slot.expdir = banner.expdir or ()
    if banner.mimes:
        slot.mimes = _lower(banner.mimes)
    return slot


def _video(video: Video) -> Slot:
    slot = _timed("video", video)
    slot.pos = video.pos
    slot.skip = video.skip
    slot.linearity = video.linearity
    if video.w and video.h:
        slot.sizes = ((video.w, video.h),)
    return slot


def _audio(audio: Audio) -> Slot:
    return _timed("audio", audio)


def _timed(name: Format, media: Video | Audio) -> Slot:
    slot = Slot(
        name,
        battr=media.battr or (),
        api=media.api or (),
        mimes=_lower(media.mimes),
        protocols=media.protocols or (),
        shortest_s=media.minduration,
        longest_s=_longest(media),
        lengths_s=media.rqddurs or (),
        min_kbps=media.minbitrate,
        max_kbps=media.maxbitrate,
        delivery=media.delivery or (),
        companions=bool(media.companionad),
    )
    if media.podid is not None or media.poddur is not None:
        slot.pod_id = media.podid
        slot.pod_s = media.poddur
        slot.pod_ads = media.maxseq
        slot.pod_place = media.slotinpod
    return slot


def _longest(media: Video | Audio) -> int | None:
    """`maxduration` with what `maxextended` adds to it: nothing where absent or 0 (OpenRTB 2.6, 3.2.7)."""
    longest, extra = media.maxduration, media.maxextended
    if longest is not None and extra:
        longest = None if extra == MOST_EXTENSION else longest + max(extra, 0)
    pod = media.poddur
    return longest if pod is None else pod if longest is None else min(longest, pod)


def _native(native: Native) -> Slot:
    return Slot("native", battr=native.battr or (), api=native.api or (), native_text=native.request)


def _lower(names: Sequence[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
