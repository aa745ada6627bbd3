"""Rules about creatives: each format has what it needs and nothing else."""

from collections.abc import Callable, Collection, Iterator
from enum import IntEnum
from typing import Any

from msgspec import structs

from bidder.config.lines import Path
from bidder.config.mistake import Fault
from bidder.config.rules.categories import VENDOR_SPECIFIC
from bidder.config.rules.registry import rule
from bidder.config.schema import Creative, Image, Media
from bidder.config.tables import is_right, tables
from openrtb.enums import APIFrameworks, CreativeAttributes, CreativeSubtypesAudioVideo, ExpandableDirections

_FORMATS = {
    "size": ("banner",),
    "html": ("banner",),
    "image": ("banner",),
    "expandable": ("banner",),
    "media": ("video", "audio"),
    "vast_url": ("video", "audio"),
    "vast_protocol": ("video", "audio"),
    "duration_s": ("video", "audio"),
    "skip_after_s": ("video", "audio"),
    "linear": ("video",),
    "native": ("native",),
}

_NEEDED = {
    "banner": (("html", "image"), "a banner has `html` or `image`"),
    "video": (("media", "vast_url"), "a video has `media` or a `vast_url`"),
    "audio": (("media", "vast_url"), "audio has `media` or a `vast_url`"),
    "native": (("native",), "a native ad has a `native` table"),
}


_LISTS: dict[str, type[IntEnum]] = {
    "attr": CreativeAttributes,
    "api": APIFrameworks,
    "expandable": ExpandableDirections,
    "vast_protocol": CreativeSubtypesAudioVideo,
}
"""Coded lists; codes from 500 are vendor-specific in all of them."""


@rule(Creative, "format", "html", "image", "media*", "vast_url", "native*")
def a_creative_has_its_markup_once(creative: Creative) -> Iterator[Fault]:
    names, wanted = _NEEDED[creative.format]
    found = [name for name in names if getattr(creative, name)]
    if not found:
        yield Fault((), wanted)
    if len(found) > 1:
        yield Fault((found[1],), f"{wanted}, not both", getattr(creative, found[1]))


@rule(Creative, "format", "image", "size")
def an_image_has_a_size(creative: Creative) -> Iterator[Fault]:
    if creative.format == "banner" and creative.image is not None and creative.size is None:
        yield Fault(("size",), "required with `image`: WIDTHxHEIGHT, as in `300x250`")


@rule(Creative, "html")
def html_says_where_the_click_url_goes(creative: Creative) -> Iterator[Fault]:
    if creative.html is not None and "{click}" not in creative.html:
        yield Fault(("html",), "HTML with `{click}` where the click URL goes", creative.html)


@rule(Creative, "format", "media*", "duration_s")
def media_have_a_duration(creative: Creative) -> Iterator[Fault]:
    if creative.format in {"video", "audio"} and creative.media and creative.duration_s is None:
        yield Fault(("duration_s",), "required with `media`: the length in seconds")


@rule(Creative, "format")
def media_are_of_the_format(creative: Creative) -> Iterator[Fault]:
    for path, media in tables(creative):
        if not isinstance(media, Media) or creative.format not in {"video", "audio"}:
            continue
        if is_right(media.type) and not media.type.startswith(f"{creative.format}/"):
            yield Fault((*path, "type"), f"a media type of {creative.format}", media.type)
        elif creative.format == "video" and media.size is None:
            yield Fault((*path, "size"), "required of video: WIDTHxHEIGHT, as in `1280x720`")


@rule(Creative, "skip_after_s", "duration_s")
def skipping_is_possible_before_the_end(creative: Creative) -> Iterator[Fault]:
    after, whole = creative.skip_after_s, creative.duration_s
    if after is not None and whole is not None and after >= whole:
        yield Fault(("skip_after_s",), f"less than `duration_s` ({whole})", after)


@rule(Creative, "secure")
def the_parts_of_a_secure_creative_load_over_https(creative: Creative) -> Iterator[Fault]:
    for path, url in _parts(creative):
        if creative.secure and isinstance(url, str) and not url.startswith("https:"):
            yield Fault(path, "an https URL, since the creative is `secure`", url)


def _parts(creative: Creative) -> Iterator[tuple[Path, object]]:
    """The URLs that a browser or player loads."""
    yield ("image",), creative.image
    yield ("vast_url",), creative.vast_url
    for path, part in tables(creative):
        if isinstance(part, Media | Image):
            yield (*path, "url"), part.url


def _belongs(name: str, default: object) -> Callable[[Creative], Iterator[Fault]]:
    def check(creative: Creative) -> Iterator[Fault]:
        value = getattr(creative, name)
        if creative.format not in _FORMATS[name] and value != default:
            yield Fault((name,), f"only for {' and '.join(_FORMATS[name])}; this creative is {creative.format}", value)

    return check


def _listed(name: str) -> Callable[[Creative], Iterator[Fault]]:
    known = {each.value for each in _LISTS[name]}
    wanted = f"a code of the list {_LISTS[name].__name__}: {_ranges(known)}, or 500 and above"

    def check(creative: Creative) -> Iterator[Fault]:
        for path, code in _codes(name, getattr(creative, name)):
            if is_right(code) and code not in known and code < VENDOR_SPECIFIC:
                yield Fault(path, wanted, code)

    return check


def _codes(name: str, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, tuple):
        yield from (((name, index), code) for index, code in enumerate(value))
    else:
        yield (name,), value


def _ranges(codes: Collection[int]) -> str:
    """Codes as people write them: `1-17, 19`."""
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and code == runs[-1][-1] + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


for _field in structs.fields(Creative):
    if _field.name in _FORMATS:
        rule(Creative, "format", _field.name)(_belongs(_field.name, _field.default))
    if _field.name in _LISTS:
        rule(Creative, f"{_field.name}*")(_listed(_field.name))
