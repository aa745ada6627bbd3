"""Codes that are in no version of their list. They are read as unknown, yet the sender should hear of them."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final

from msgspec import Struct

from openrtb import enums
from openrtb.audience import EID, UID, Device, Geo, UserAgent
from openrtb.context import DOOH, App, Content, Producer, Publisher, Site
from openrtb.imp import Audio, Banner, Deal, Imp, Native, Qty, RefSettings, Video
from openrtb.native import (
    DataRequest,
    DataResponse,
    EventTrackerRequest,
    EventTrackerResponse,
    ImageRequest,
    ImageResponse,
    NativeRequest,
    VideoRequest,
)
from openrtb.request import BidRequest, Regs
from openrtb.response import Bid, BidResponse
from openrtb.validate.finding import Finding, finding, shown

_VIDEO_AND_AUDIO: Mapping[str, type[IntEnum]] = {
    "startdelay": enums.StartDelayModes,
    "protocols": enums.CreativeSubtypesAudioVideo,
    "podseq": enums.PodSequence,
    "slotinpod": enums.SlotPositionInPod,
    "battr": enums.CreativeAttributes,
    "delivery": enums.DeliveryMethods,
    "api": enums.APIFrameworks,
    "companiontype": enums.CompanionTypes,
}

LISTS: Final[Mapping[type[Struct], Mapping[str, type[IntEnum]]]] = {
    BidRequest: {"at": enums.AuctionTypes, "cattax": enums.CategoryTaxonomies},
    Regs: {"gpp_sid": enums.GPPSectionIDs},
    Imp: {"ssai": enums.ServerSideAdInsertion},
    Banner: {
        "btype": enums.BannerAdTypes,
        "battr": enums.CreativeAttributes,
        "pos": enums.PlacementPositions,
        "expdir": enums.ExpandableDirections,
        "api": enums.APIFrameworks,
    },
    Video: {
        **_VIDEO_AND_AUDIO,
        "placement": enums.PlacementSubtypesVideo,
        "plcmt": enums.PlcmtSubtypesVideo,
        "linearity": enums.LinearityModes,
        "playbackmethod": enums.PlaybackMethods,
        "playbackend": enums.PlaybackCessationModes,
        "pos": enums.PlacementPositions,
        "poddedupe": enums.PodDeduplicationSettings,
    },
    Audio: {**_VIDEO_AND_AUDIO, "feed": enums.FeedTypes, "nvol": enums.VolumeNormalizationModes},
    Native: {"api": enums.APIFrameworks, "battr": enums.CreativeAttributes},
    Deal: {"at": enums.AuctionTypes},
    Qty: {"sourcetype": enums.DOOHMultiplierMeasurementSourceTypes},
    RefSettings: {"reftype": enums.AutoRefreshTriggers},
    Site: {"cattax": enums.CategoryTaxonomies},
    App: {"cattax": enums.CategoryTaxonomies},
    DOOH: {"venuetypetax": enums.DOOHVenueTaxonomies},
    Publisher: {"cattax": enums.CategoryTaxonomies},
    Producer: {"cattax": enums.CategoryTaxonomies},
    Content: {
        "gtax": enums.CategoryTaxonomies,
        "cattax": enums.CategoryTaxonomies,
        "prodq": enums.ProductionQualities,
        "context": enums.ContentContexts,
        "qagmediarating": enums.MediaRatings,
    },
    Device: {"devicetype": enums.DeviceTypes, "connectiontype": enums.ConnectionTypes},
    Geo: {"type": enums.LocationTypes, "ipservice": enums.IPLocationServices},
    UserAgent: {"source": enums.UserAgentSource},
    UID: {"atype": enums.AgentTypes},
    EID: {"mm": enums.IDMatchMethods},
    NativeRequest: {
        "context": enums.Native12ContextTypes,
        "contextsubtype": enums.Native12ContextSubtypes,
        "plcmttype": enums.Native12PlacementTypes,
        "layout": enums.NativeLayoutIDsLegacy,
        "adunit": enums.NativeAdUnitIDsLegacy,
    },
    ImageRequest: {"type": enums.Native12ImageAssetTypes},
    VideoRequest: {"protocols": enums.CreativeSubtypesAudioVideo},
    DataRequest: {"type": enums.Native12DataAssetTypes},
    EventTrackerRequest: {
        "event": enums.Native12EventTypes,
        "methods": enums.Native12EventTrackingMethods,
    },
    BidResponse: {"nbr": enums.NoBidReasonCodes},
    Bid: {
        "cattax": enums.CategoryTaxonomies,
        "attr": enums.CreativeAttributes,
        "apis": enums.APIFrameworks,
        "api": enums.APIFrameworks,
        "protocol": enums.CreativeSubtypesAudioVideo,
        "qagmediarating": enums.MediaRatings,
        "mtype": enums.CreativeMarkupTypes,
        "slotinpod": enums.SlotPositionInPod,
    },
    ImageResponse: {"type": enums.Native12ImageAssetTypes},
    DataResponse: {"type": enums.Native12DataAssetTypes},
    EventTrackerResponse: {
        "event": enums.Native12EventTypes,
        "method": enums.Native12EventTrackingMethods,
    },
}
"""The list that the codes of an attribute are from."""


def check(node: Struct, path: str) -> Iterator[Finding]:
    """The unknown codes of one object, its children apart."""
    for name, codes in LISTS.get(type(node), {}).items():
        value = getattr(node, name)
        if isinstance(value, list):
            for index, code in enumerate(value):
                yield from _unknown(code, codes, f"{path}.{name}[{index}]")
        elif value is not None:
            yield from _unknown(value, codes, f"{path}.{name}")


def _unknown(code: int, codes: type[IntEnum], path: str) -> Iterator[Finding]:
    delay_in_seconds = codes is enums.StartDelayModes and code > 0
    if code not in _KNOWN[codes] and code < enums.VENDOR_SPECIFIC_FROM and not delay_in_seconds:
        listed = shown(sorted(_KNOWN[codes]))
        yield finding("enum-unknown", path, f"{code} is not a code of {codes.__name__}: {listed}")


_KNOWN: Mapping[type[IntEnum], frozenset[int]] = {
    codes: frozenset(int(code) for code in codes) for lists in LISTS.values() for codes in lists.values()
}
