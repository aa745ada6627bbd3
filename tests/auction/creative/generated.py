"""Random creatives and imps, and text that means harm."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from bidder.config.schema import Approval, Creative, Image, Media, NativeAssets
from tests.auction.creative.builders import creative

HARMFUL = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [
                '"', "'", "<", ">", "&", "]]>", "<![CDATA[", "-->", "<!--", "</script>", "<script>", "\\", "`", "%22",
                "{click}", "${AUCTION_PRICE}", "${", "}", "\x00", "\x0b", "\ufffe", "\n", "\u2028", "é", "😀", "&quot;",
                "&#34;", " onload=alert(1) ", "/>", "]]", "]", "=", "?", "javascript:", "</body>", "</a>", "%", "%%s",
            ]
        ),
        min_size=1,
        max_size=8,
    ).map("".join),
)  # fmt: skip

_KINDS = ("banner", "video", "audio", "native")
_FEW = st.lists(st.sampled_from([1, 2, 3, 5, 6, 13, 16]), max_size=2, unique=True)
_SIZES = ("300x250", "320x50", "728x90", "640x480", "1x1")
_SECONDS = st.sampled_from([5, 14, 15, 16, 30])
_CODES = st.lists(st.integers(1, 16), max_size=4, unique=True)


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def creatives(draw: st.DrawFn, text: st.SearchStrategy[str] | None = None, kinds: Sequence[str] = _KINDS) -> Creative:
    """Creatives of these formats; with `text`, it stands in every field that holds free text or a URL."""
    kind = draw(st.sampled_from(kinds))
    changes: dict[str, Any] = {
        "attr": tuple(draw(_FEW)),
        "api": tuple(draw(_FEW)),
        "language": draw(_optional(st.sampled_from(["en", "de"]))),
        "secure": draw(st.booleans()),
        "weight": draw(st.integers(1, 5)),
        "approval": Approval(exchanges=tuple(draw(st.lists(st.sampled_from("xy"), max_size=1)))),
    }
    changes |= draw({"banner": _banners, "native": _natives}.get(kind, _timed)(text))
    if text is not None:
        changes["id"] = draw(text)
        changes["cat"] = (draw(text),)
    return creative(kind, **changes)


def _url(text: st.SearchStrategy[str] | None, name: str) -> st.SearchStrategy[str]:
    base = f"https://cdn.brand.com/{name}"
    return st.just(base) if text is None else text.map(lambda tail: f"{base}?{tail}")


@st.composite
def _banners(draw: st.DrawFn, text: st.SearchStrategy[str] | None) -> dict[str, Any]:
    size = draw(_optional(st.sampled_from(_SIZES)))
    if draw(st.booleans()):
        tail = draw(text) if text is not None else ""
        return {"image": None, "html": f'<a href="{{click}}">x</a>{tail}', "size": size}
    return {"image": draw(_url(text, "a.png")), "size": size or "300x250", "expandable": tuple(draw(_FEW))}


@st.composite
def _timed(draw: st.DrawFn, text: st.SearchStrategy[str] | None) -> dict[str, Any]:
    changes: dict[str, Any] = {"skip_after_s": draw(_optional(st.just(5)))}
    if draw(st.booleans()):
        tag = draw(_url(text, "tag"))
        protocol = draw(st.sampled_from([1, 2, 3, 6, 7, 9, 11, 13, 15]))
        return {**changes, "media": (), "vast_url": tag, "vast_protocol": protocol, "linear": draw(st.booleans())}
    count = draw(st.integers(1, 2))
    return {**changes, "duration_s": draw(_SECONDS), "media": tuple(draw(_media(text)) for _ in range(count))}


@st.composite
def _media(draw: st.DrawFn, text: st.SearchStrategy[str] | None) -> Media:
    return Media(
        url=draw(_url(text, "file")),
        type=draw(st.sampled_from(["video/mp4", "video/webm", "audio/mpeg", "audio/mp4"])),
        bitrate_kbps=draw(st.sampled_from([128, 600, 1200])),
        size=draw(_optional(st.sampled_from(_SIZES))),
        delivery=draw(st.sampled_from(["progressive", "streaming"])),
    )


@st.composite
def _natives(draw: st.DrawFn, text: st.SearchStrategy[str] | None) -> dict[str, Any]:
    words = text if text is not None else st.sampled_from(["Boots", "Sturdy boots for long walks"])
    maybe = _optional(words)
    return {
        "native": NativeAssets(
            title=draw(words),
            description=draw(maybe),
            sponsored=draw(maybe),
            cta=draw(maybe),
            icon=Image(url=draw(_url(text, "i.png")), size="80x80"),
            images=(Image(url=draw(_url(text, "m.jpg")), size="1200x627"),),
        )
    }


def imps() -> st.SearchStrategy[dict[str, Any]]:
    """Imps with some of the four media objects, on and around the boundaries of the creatives."""
    media = {"banner": _banner, "video": _timed_media, "audio": _timed_media, "native": _native}
    return st.fixed_dictionaries({}, optional={**media, "secure": _FLAG})


_FLAG = st.sampled_from([0, 1])
_PIXELS = st.sampled_from([-1, 0, 1, 50, 250, 300, 320])
_banner = st.fixed_dictionaries(
    {},
    optional={
        "w": _PIXELS,
        "h": _PIXELS,
        "format": st.lists(
            st.fixed_dictionaries({"w": _PIXELS, "h": _PIXELS})
            | st.fixed_dictionaries({name: st.integers(1, 6) for name in ("wratio", "hratio", "wmin")}),
            max_size=3,
        ),
        "battr": _FEW,
        "btype": _FEW,
        "api": _FEW,
        "expdir": _FEW,
        "mimes": st.lists(st.sampled_from(["image/png", "text/html", "image/gif"]), max_size=2),
    },
)
_timed_media = st.fixed_dictionaries(
    {"mimes": st.lists(st.sampled_from(["video/mp4", "audio/mpeg", "x/y"]), max_size=2)},
    optional={
        "protocols": _CODES,
        "minduration": _SECONDS,
        "maxduration": _SECONDS,
        "maxextended": st.sampled_from([-1, 0, 15]),
        "rqddurs": st.lists(_SECONDS, max_size=2),
        "poddur": _SECONDS,
        "linearity": st.sampled_from([1, 2]),
        "skip": _FLAG,
        "minbitrate": st.sampled_from([1, 600, 601]),
        "maxbitrate": st.sampled_from([599, 1200]),
        "delivery": st.lists(st.integers(1, 3), max_size=2),
        "battr": _FEW,
        "api": _FEW,
    },
)
_asset = st.fixed_dictionaries(
    {"id": st.integers(-2, 5)},
    optional={
        "required": _FLAG,
        "title": st.fixed_dictionaries({"len": st.sampled_from([0, 5, 27, 140])}),
        "img": st.fixed_dictionaries(
            {"type": st.sampled_from([1, 2, 3, 500])}, optional={"wmin": _PIXELS, "w": _PIXELS}
        ),
        "data": st.fixed_dictionaries({"type": st.integers(1, 13)}, optional={"len": st.sampled_from([0, 5, 27])}),
        "video": st.just({"mimes": ["video/mp4"]}),
    },
)
_native = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {"assets": st.lists(_asset, max_size=4)},
            optional={
                "ver": st.sampled_from(["1.1", "1.2", '"],"x":[', "2"]),
                "eventtrackers": st.just([{"event": 1, "methods": [1, 2]}]),
            },
        ).map(json.dumps)
        | st.sampled_from(["", "{", "[]"])
    },
    optional={"battr": _FEW, "api": _FEW},
)
