"""The check on native ads: every required asset has an answer in kind, length, size and media type."""

from bidder.auction.creative.assets import wanted
from bidder.auction.creative.prepared import Check, Prepared
from bidder.auction.creative.slot import Slot
from bidder.domain.reason import Reason


def _answers(creative: Prepared, slot: Slot) -> bool:
    request = slot.native
    return request is not None and creative.assets is not None and creative.assets.answers(request) is not None


def _facts(creative: Prepared, slot: Slot) -> tuple[str, str]:
    request, assets = slot.native, creative.assets
    if request is None or not request.assets or assets is None:
        return "native assets", "a native request that can be read and asks for assets"
    lacking = [asset for asset in request.assets if asset.required == 1 and assets.answer(asset) is None]
    if not lacking:
        return "native assets", "assets with ids, each used once, of which some can be answered"
    seen = "; ".join(assets.seen(asset) for asset in lacking)
    return seen, "; ".join(f"asset {asset.id}: {wanted(asset)}" for asset in lacking)


ASSETS = Check(
    Reason.CREATIVE_NATIVE_ASSETS,
    concerns=lambda creative: creative.format == "native",
    fits=_answers,
    facts=_facts,
)
