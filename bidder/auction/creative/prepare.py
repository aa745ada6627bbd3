"""Creatives as they are configured, made ready for the auction."""

from collections.abc import Iterator

from msgspec import structs

from bidder.auction.creative.assets import Assets
from bidder.auction.creative.fit import CHECKS
from bidder.auction.creative.markup.banner import BannerMarkup, banner_mimes, banner_types
from bidder.auction.creative.markup.dialect import protocols_of
from bidder.auction.creative.markup.native import NativeMarkup
from bidder.auction.creative.markup.rendered import Markup
from bidder.auction.creative.markup.vast import InlineMarkup, WrapperMarkup
from bidder.auction.creative.media import File
from bidder.auction.creative.prepared import Prepared
from bidder.auction.creative.slot import Pixels
from bidder.auction.keys import above, category_keys
from bidder.config.schema import Creative
from openrtb.enums import CreativeAttributes
from openrtb.validate.secure import insecure_in_html, is_insecure

_SKIP_BUTTON = int(CreativeAttributes.SKIP_BUTTON)
_NOTHING: frozenset[int] = frozenset()


def prepare(creative: Creative, campaign: str, advertiser: str = "") -> Prepared:
    """A creative of that campaign and advertiser; it has what its format needs (`bidder.config.rules.creative`)."""
    paths = tuple(category_keys(creative.cattax, each) for each in creative.cat)
    assets = Assets(creative.native) if creative.native is not None else None
    files = tuple(_files(creative))
    protocols, usual = protocols_of(creative) if creative.format in {"video", "audio"} else ((), 0)
    attr = _attributes(creative)
    banner = creative.format == "banner"
    prepared = Prepared(
        id=creative.id,
        campaign=campaign,
        format=creative.format,
        landing=creative.landing,
        weight=creative.weight,
        adomain=creative.adomain,
        cat=creative.cat,
        cattax=creative.cattax,
        bundle=creative.bundle,
        language=creative.language,
        category_keys=frozenset(key for path in paths for key in path),
        category_paths=paths,
        domain_keys=frozenset(key for domain in creative.adomain for key in above(domain)),
        facts=_facts(creative, campaign, advertiser),
        size=_pixels(creative.size),
        attr=frozenset(attr),
        api=frozenset(creative.api),
        secure=creative.secure and not any(map(is_insecure, _loaded(creative))),
        exchanges=frozenset(creative.approval.exchanges),
        deals=frozenset(creative.approval.deals),
        btype=banner_types(creative) if banner else _NOTHING,
        mimes=banner_mimes(creative) if banner else frozenset(),
        expandable=frozenset(creative.expandable),
        duration_s=creative.duration_s,
        files=files,
        protocols=protocols,
        usual_protocol=usual,
        wrapped=creative.vast_url is not None,
        linear=creative.linear,
        skip_after_s=creative.skip_after_s,
        assets=assets,
        markup=_markup(structs.replace(creative, attr=attr), files, assets),
    )
    return structs.replace(prepared, checks=tuple(check for check in CHECKS if check.concerns(prepared)))


def _facts(creative: Creative, campaign: str, advertiser: str) -> dict[str, str | int | None]:
    return {
        "advertiser": advertiser,
        "campaign": campaign,
        "creative": creative.id,
        "format": creative.format,
        "deal": None,
        "creative_size": creative.size,
        "duration_s": creative.duration_s,
    }


def _markup(creative: Creative, files: tuple[File, ...], assets: Assets | None) -> Markup:
    match creative.format:
        case "banner":
            return BannerMarkup(creative, _pixels(creative.size))
        case "native":
            return NativeMarkup(creative, assets)
        case _ if creative.vast_url is not None:
            return WrapperMarkup(creative)
        case _:
            return InlineMarkup(creative, files)


def _attributes(creative: Creative) -> tuple[int, ...]:
    """What is declared whatever the slot. A skip control that we write ourselves is declared where it is used."""
    others = tuple(code for code in creative.attr if code != _SKIP_BUTTON)
    if creative.skip_after_s is not None:
        return (*others, _SKIP_BUTTON) if creative.vast_url is not None else others
    return creative.attr


def _files(creative: Creative) -> Iterator[File]:
    for media in creative.media:
        size = _pixels(media.size) or _pixels(creative.size)
        yield File(media.url, media.type.lower(), media.bitrate_kbps, media.delivery, size)


def _loaded(creative: Creative) -> Iterator[str]:
    """The URLs that a browser or player loads to show the creative."""
    yield from (media.url for media in creative.media)
    yield from (url for url in (creative.image, creative.vast_url) if url is not None)
    yield from insecure_in_html(creative.html or "")
    if creative.native is not None:
        icon = creative.native.icon
        yield from (image.url for image in ((icon,) if icon is not None else ()) + creative.native.images)


def _pixels(size: str | None) -> Pixels | None:
    if size is None:
        return None
    w, h = size.split("x")
    return int(w), int(h)
