"""VAST and DAAST documents with holes for what changes from bid to bid, written once for each version.

Elements stand in the order that the schemas of VAST 2.0 to 4.2 ask for; VAST 4.3 keeps to that of 4.2.
"""

from collections.abc import Sequence

from bidder.auction.creative.markup.dialect import Dialect
from bidder.auction.creative.markup.escape import cdata, clean_url, xml_text
from bidder.auction.creative.markup.template import Hole, Template
from bidder.auction.creative.media import File
from bidder.config.schema import Creative

IMPRESSION: Hole = 0
CLICK: Hole = 1
FILES: Hole = 2
SKIP: Hole = 3
SERVING_ID: Hole = 4

Parts = Sequence[str | Hole]

_AD_SYSTEM = "<AdSystem>bidder</AdSystem>"
_IMPRESSION: Parts = ("<Impression><![CDATA[", IMPRESSION, "]]></Impression>")
_CATEGORIES = "https://www.iabtechlab.com/categoryauthority"
_UNCATEGORISED = "IAB24"


def inline(dialect: Dialect, creative: Creative) -> Template:
    """An ad with media files of its own; holes for both URLs, the files, `skipoffset` and the serving id."""
    title = f"<AdTitle>{xml_text(creative.id)}</AdTitle>"
    creatives: Parts = (
        f"<Creatives>{_creative(dialect, creative)}{_universal_id(dialect, creative)}",
        *_linear(dialect, creative),
        "</Creative></Creatives>",
    )
    body: Parts
    if dialect.major >= 4:
        serving: Parts = ("<AdServingId>", SERVING_ID, "</AdServingId>") if dialect.names_serving else ()
        body = (*_IMPRESSION, *serving, title, *creatives)
    else:
        body = (title, _category(dialect, creative), *_IMPRESSION, *creatives)
    return Template((_opening(dialect, creative, "InLine"), *body, _closing(dialect, "InLine")))


def wrapper(dialect: Dialect, creative: Creative) -> Template:
    """An ad that sends the player on to the creative's own tag; holes for both URLs."""
    tag = f"{dialect.root}AdTagURI"
    address = f"<{tag}><![CDATA[{cdata(clean_url(creative.vast_url or ''))}]]></{tag}>"
    tracked = _tracked_click(dialect, linear=creative.linear)
    creatives: Parts = ("<Creatives>", _creative(dialect, creative), *tracked, "</Creative></Creatives>")
    if not tracked:
        creatives = ("<Creatives></Creatives>",)
    body = (*_IMPRESSION, *creatives, address) if dialect.major >= 4 else (address, *_IMPRESSION, *creatives)
    return Template((_opening(dialect, creative, "Wrapper"), *body, _closing(dialect, "Wrapper")))


def media_file(dialect: Dialect, file: File, index: int) -> str:
    """One `MediaFile`. VAST wants a size even of audio, DAAST knows none."""
    w, h = file.size or (0, 0)
    size = f' width="{w}" height="{h}"' if dialect.root == "VAST" else ""
    form = f'delivery="{file.delivery}" type="{xml_text(file.type)}" bitrate="{file.kbps}"{size}'
    return f'<MediaFile id="{index}" {form}><![CDATA[{cdata(clean_url(file.url))}]]></MediaFile>'


def clock(seconds: int) -> str:
    """A length of time as `HH:MM:SS`."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _opening(dialect: Dialect, creative: Creative, kind: str) -> str:
    audio = ' adType="audio"' if creative.format == "audio" and dialect.names_serving else ""
    root = f'<?xml version="1.0" encoding="UTF-8"?><{dialect.root} version="{dialect.version}">'
    return f'{root}<Ad id="{xml_text(creative.id)}"{audio}><{kind}>{_AD_SYSTEM}'


def _closing(dialect: Dialect, kind: str) -> str:
    return f"</{kind}></Ad></{dialect.root}>"


def _creative(dialect: Dialect, creative: Creative) -> str:
    """The second id changed case with VAST 4."""
    name = "adId" if dialect.major >= 4 else "AdID"
    number = xml_text(creative.id)
    return f'<Creative id="{number}" {name}="{number}">'


def _linear(dialect: Dialect, creative: Creative) -> Parts:
    start: Parts = ("<Linear", SKIP, f"><Duration>{clock(creative.duration_s or 0)}</Duration>")
    name = dialect.clicks
    clicks: Parts = (f"<{name}><ClickThrough><![CDATA[", CLICK, f"]]></ClickThrough></{name}>")
    files: Parts = ("<MediaFiles>", FILES, "</MediaFiles>")
    clicks_last = dialect.major >= 4 or dialect.root == "DAAST"
    return (*start, *files, *clicks, "</Linear>") if clicks_last else (*start, *clicks, *files, "</Linear>")


def _tracked_click(dialect: Dialect, *, linear: bool) -> Parts:
    """A wrapper cannot name the landing page, only listen. In VAST 2.0 it cannot listen to non-linear ads."""
    if linear:
        name = dialect.clicks
        start, end = f"<Linear><{name}><ClickTracking>", f"</ClickTracking></{name}></Linear>"
    elif dialect.version == "2.0":
        return ()
    else:
        start = "<NonLinearAds><NonLinear><NonLinearClickTracking>"
        end = "</NonLinearClickTracking></NonLinear></NonLinearAds>"
    return (f"{start}<![CDATA[", CLICK, f"]]>{end}")


def _universal_id(dialect: Dialect, creative: Creative) -> str:
    """Required since VAST 4.0; an attribute repeated the id until 4.1."""
    if dialect.major < 4:
        return ""
    number = xml_text(creative.id)
    value = f' idValue="{number}"' if dialect.version < "4.2" else ""
    return f'<UniversalAdId idRegistry="unknown"{value}>{number}</UniversalAdId>'


def _category(dialect: Dialect, creative: Creative) -> str:
    """Required by DAAST alone."""
    if dialect.root != "DAAST":
        return ""
    category = creative.cat[0] if creative.cat else _UNCATEGORISED
    return f'<Category authority="{_CATEGORIES}">{xml_text(category)}</Category>'
