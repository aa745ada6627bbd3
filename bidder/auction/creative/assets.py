"""The assets of a native creative, and how they answer those that a request asks for (Native 1.2, 4 and 5).

Whether a creative fits and what its markup says both come from `Assets.answers`, so that they cannot disagree.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from bidder.auction.creative.images import image_types
from bidder.auction.creative.markup.escape import clean_url, json_string
from bidder.config.schema import Image, NativeAssets
from openrtb.enums import Native12DataAssetTypes, Native12ImageAssetTypes
from openrtb.native import AssetRequest, ImageRequest, NativeRequest


class Text(Struct, frozen=True):
    """A title or data text: its length in characters and its JSON, as it stands in the answer."""

    length: int
    json: str


class Picture(Struct, frozen=True):
    """An image: its size in pixels, the media types it may be known by, and its JSON."""

    w: int
    h: int
    types: frozenset[str]
    json: str

    def fits(self, wanted: ImageRequest) -> bool:
        """At least the least size; exactly the size where no least one is given (Native 1.2, 4.4)."""
        if wanted.mimes and self.types and self.types.isdisjoint(mime.lower() for mime in wanted.mimes):
            return False
        return _measures(self.w, wanted.w, wanted.wmin) and _measures(self.h, wanted.h, wanted.hmin)


class Assets:
    """Everything one native ad can say and show."""

    __slots__ = ("_data", "_icons", "_main", "_title")

    def __init__(self, assets: NativeAssets) -> None:
        self._title = _text("title", "text", assets.title)
        self._data: dict[int | None, Text] = {
            kind: _text("data", "value", value) for kind, value in _data(assets) if value
        }
        self._icons = [_picture(assets.icon)] if assets.icon is not None else []
        self._main = [_picture(image) for image in assets.images]

    def answers(self, request: NativeRequest) -> list[str] | None:
        """The answered assets as JSON objects; `None` where a required one, or every one, has no answer.

        A request that uses an id twice has no right answer (Native 1.2, 4.2).
        """
        answered: list[str] = []
        ids: set[int] = set()
        for asset in request.assets:
            found = self.answer(asset)
            number = asset.id
            if number in ids:
                return None
            if number is not None:
                ids.add(number)
            if number is not None and found is not None:
                answered.append(f'{{"id":{number},{found}}}')
            elif asset.required == 1:
                return None
        return answered or None

    def answer(self, asset: AssetRequest) -> str | None:
        """The member of the answer to one asset, such as `"title":{...}`; `None` where there is nothing fitting."""
        if asset.title is not None:
            return _within(self._title, asset.title.len)
        if asset.img is not None:
            return next((each.json for each in self._pictures(asset.img) if each.fits(asset.img)), None)
        if asset.data is not None:
            text = self._data.get(asset.data.type)
            return _within(text, asset.data.len) if text is not None else None
        return None

    def seen(self, asset: AssetRequest) -> str:
        """What there is of the kind that the asset asks for, for people."""
        if asset.title is not None:
            return f"a title of {self._title.length} characters"
        if asset.img is not None:
            pictures = self._pictures(asset.img)
            return "images of " + ", ".join(f"{each.w}x{each.h}" for each in pictures) if pictures else "no such image"
        if asset.data is not None:
            text = self._data.get(asset.data.type)
            return f"data of {text.length} characters" if text is not None else "no such data"
        return "no such asset"

    def _pictures(self, wanted: ImageRequest) -> Sequence[Picture]:
        match wanted.type:
            case Native12ImageAssetTypes.ICON | Native12ImageAssetTypes.LOGO:
                return self._icons
            case Native12ImageAssetTypes.MAIN:
                return self._main
            case None:
                return [*self._main, *self._icons]
            case _:
                return ()


def wanted(asset: AssetRequest) -> str:
    """What an asset of a request asks for, for people."""
    if asset.title is not None:
        return f"a title{_at_most(asset.title.len)}"
    if asset.data is not None:
        return f"data of type {asset.data.type}{_at_most(asset.data.len)}"
    if asset.img is not None:
        image = asset.img
        size = f"{_side(image.w, image.wmin)}x{_side(image.h, image.hmin)}"
        kinds = f" ({', '.join(image.mimes)})" if image.mimes else ""
        return f"an image of type {image.type}, {size}{kinds}"
    return "a video" if asset.video is not None else "an asset of unknown kind"


def _at_most(length: int | None) -> str:
    return f" of at most {length} characters" if length is not None and length > 0 else ""


def _side(exact: int | None, least: int | None) -> str:
    return f"at least {least}" if least is not None else str(exact) if exact else "any"


def _measures(pixels: int, exact: int | None, least: int | None) -> bool:
    return pixels == exact or (pixels >= least if least is not None else not exact)


def _within(text: Text, longest: int | None) -> str | None:
    return text.json if longest is None or longest <= 0 or text.length <= longest else None


def _text(member: str, key: str, text: str) -> Text:
    return Text(len(text), f'"{member}":{{"{key}":{json_string(text)}}}')


def _picture(image: Image) -> Picture:
    w, h = map(int, image.size.split("x"))
    url = json_string(clean_url(image.url))
    return Picture(w, h, image_types(image.url), f'"img":{{"url":{url},"w":{w},"h":{h}}}')


def _data(assets: NativeAssets) -> Iterator[tuple[Native12DataAssetTypes, str | None]]:
    kinds = Native12DataAssetTypes
    yield kinds.SPONSORED, assets.sponsored
    yield kinds.DESC, assets.description
    yield kinds.RATING, assets.rating
    yield kinds.LIKES, assets.likes
    yield kinds.DOWNLOADS, assets.downloads
    yield kinds.PRICE, assets.price
    yield kinds.SALE_PRICE, assets.sale_price
    yield kinds.PHONE, assets.phone
    yield kinds.ADDRESS, assets.address
    yield kinds.DISPLAY_URL, assets.display_url
    yield kinds.CTA_TEXT, assets.cta
