"""Checks on video and audio: media types, protocols, duration, linearity, skipping, bit rate."""

from bidder.auction.creative.media import accepted_protocol
from bidder.auction.creative.prepared import Check, Prepared
from bidder.auction.creative.slot import Slot
from bidder.auction.creative.text import codes
from bidder.domain.reason import Reason
from openrtb.enums import CreativeAttributes, CreativeSubtypesAudioVideo, LinearityModes


def _decoded(creative: Prepared, slot: Slot) -> bool:
    for file in creative.files:  # noqa: SIM110  a loop runs in half the time of any()
        if file.decodes(slot):
            return True
    return False


def _written(creative: Prepared, slot: Slot) -> bool:
    return accepted_protocol(creative.protocols, creative.usual_protocol, slot) is not None


def _lasts(creative: Prepared, slot: Slot) -> bool:
    """A creative of unknown length fits only where no length is asked for (OpenRTB 2.6, 3.2.7)."""
    seconds, longest = creative.duration_s, slot.longest_s
    if seconds is None:
        return longest is None and slot.shortest_s <= 0 and not slot.lengths_s and slot.pod_id is None
    if slot.lengths_s and seconds not in slot.lengths_s:
        return False
    if longest is not None and seconds > longest:
        return False
    return bool(slot.lengths_s) or seconds >= slot.shortest_s


def _runs_in_line(creative: Prepared, slot: Slot) -> bool:
    wanted = _LINEAR if creative.linear else _NON_LINEAR
    return slot.linearity is None or slot.linearity == wanted


def _skips(creative: Prepared, slot: Slot) -> bool:
    """A control of the creative's own is attribute 16, and has no place where the player adds one or allows none.

    In what we write it can be left to the player, so it is declared only where it is used (implementation guide, 7.4).
    """
    if _SKIP_BUTTON in creative.attr:
        return slot.skip is None
    return slot.skip == 1 or (slot.skip is None and _SKIP_BUTTON not in slot.battr)


def _streams(creative: Prepared, slot: Slot) -> bool:
    """A creative of which no file can be decoded fails for its media types alone."""
    if slot.min_kbps is None and slot.max_kbps is None:
        return True
    return any(file.plays(slot) for file in creative.files) or not _decoded(creative, slot)


def _files(creative: Prepared) -> str:
    return ", ".join(f"{file.type} ({file.delivery})" for file in creative.files) or "no media files"


def _decodable(slot: Slot) -> str:
    types = ", ".join(sorted(slot.mimes)) or "any type"
    return f"{types} by delivery {codes(slot.delivery)}" if slot.delivery else types


def _versions(protocols: frozenset[int]) -> str:
    return ", ".join(_NAMES.get(code, str(code)) for code in sorted(protocols)) or "none"


def _lengths(slot: Slot) -> str:
    if slot.lengths_s:
        return "one of " + ", ".join(f"{seconds} s" for seconds in slot.lengths_s)
    longest = "any length" if slot.longest_s is None else f"{slot.longest_s} s"
    return f"{slot.shortest_s} s to {longest}"


def _skip_control(slot: Slot) -> str:
    if slot.skip == 1:
        return "the player adds its own"
    return "no skipping" if slot.skip == 0 else "attribute 16 is blocked"


def _bit_rates(slot: Slot) -> str:
    least = "any" if slot.min_kbps is None else f"{slot.min_kbps} kbit/s"
    most = "any" if slot.max_kbps is None else f"{slot.max_kbps} kbit/s"
    return f"{least} to {most}"


_SKIP_BUTTON = int(CreativeAttributes.SKIP_BUTTON)
_LINEAR, _NON_LINEAR = int(LinearityModes.LINEAR), int(LinearityModes.NON_LINEAR)
_NAMES = {int(code): code.name for code in CreativeSubtypesAudioVideo}

FILE_TYPE = Check(
    Reason.CREATIVE_MIME,
    concerns=lambda creative: creative.format in {"video", "audio"} and not creative.wrapped,
    fits=_decoded,
    facts=lambda creative, slot: (_files(creative), _decodable(slot)),
)

PROTOCOL = Check(
    Reason.CREATIVE_PROTOCOL,
    concerns=lambda creative: creative.format in {"video", "audio"},
    fits=_written,
    facts=lambda creative, slot: (
        _versions(frozenset(creative.protocols)),
        f"one of {_versions(frozenset(slot.protocols))}" if slot.protocols else "any version we can write",
    ),
)

DURATION = Check(
    Reason.CREATIVE_DURATION,
    concerns=lambda creative: creative.format in {"video", "audio"},
    fits=_lasts,
    facts=lambda creative, slot: (
        "unknown" if creative.duration_s is None else f"{creative.duration_s} s",
        _lengths(slot),
    ),
)

LINEARITY = Check(
    Reason.CREATIVE_LINEARITY,
    concerns=lambda creative: creative.format == "video",
    fits=_runs_in_line,
    facts=lambda creative, slot: ("linear" if creative.linear else "non-linear", f"linearity {slot.linearity}"),
)

SKIPPING = Check(
    Reason.CREATIVE_SKIP,
    concerns=lambda creative: creative.skip_after_s is not None or _SKIP_BUTTON in creative.attr,
    fits=_skips,
    facts=lambda _creative, slot: ("its own skip control", _skip_control(slot)),
)

BIT_RATE = Check(
    Reason.CREATIVE_BITRATE,
    concerns=lambda creative: bool(creative.files),
    fits=_streams,
    facts=lambda creative, slot: (", ".join(f"{file.kbps} kbit/s" for file in creative.files), _bit_rates(slot)),
)
