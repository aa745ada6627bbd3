"""Campaigns by the thousand for measurements: varied, and the same for the same number.

Words are drawn from lists, the frequent ones first, so that a request of the usual kind meets some campaigns of every
attribute and is refused by others.
"""

from collections.abc import Iterator, Sequence
from random import Random

PER_FILE = 100
SEED = 20_26

_COUNTRIES = ("USA", "CAN", "GBR", "DEU", "FRA", "ESP", "ITA", "NLD", "POL", "BRA", "IND", "JPN", "AUS", "MEX")
_REGIONS = ("USA/NY", "USA/CA", "USA/TX", "USA/IL", "CAN/ON", "GBR/ENG", "DEU/BE", "FRA/IDF")
_CITIES = ("USA/New York", "USA/Los Angeles", "USA/Chicago", "GBR/London", "DEU/Berlin", "FRA/Paris")
_DEVICES = ("pc", "phone", "tablet", "mobile", "ctv")
_SYSTEMS = ("macos", "windows", "android", "ios", "linux")
_BROWSERS = ("chrome", "safari", "firefox", "edge")
_LANGUAGES = ("en", "es", "de", "fr", "it", "pt")
_CATEGORIES = ("IAB12", "IAB3", "IAB3-1", "IAB1", "IAB17", "IAB19", "IAB20", "IAB8", "IAB2", "IAB13")
_CREATIVE_CATEGORIES = ("IAB2-1", "IAB3", "IAB8-9", "IAB13-4", "IAB18-5", "IAB19-6", "IAB20-3", "IAB22-2", "IAB7-39")
_DOMAINS = ("example-news.com", "news.example", "sport.example", "recipes.example", "games.example")
_UNWANTED = ("tabloid.example", "www.example-news.com", "clips.example", "rumours.example")
_DEALS = ("AB-Agency1-0001", "XY-Agency2-0001", "deal-1", "deal-2", "deal-3")
_SEGMENTS = ("12341318394918", "1234131839491234", "23423424", "auto", "travel", "sports")
_SIZES = ("300x250", "728x90", "320x50", "160x600", "970x250", "300x600", "320x480")
_GOALS = (("cpm", 1), ("cpc", 400), ("cpa", 8000), ("value", 9000))
_FORMATS = ("banner", "banner", "banner", "banner", "video", "native", "banner", "audio")

_BIDDER = """\
[server]
public_url = "https://ads.example"

[account.rates]
EUR = 1.08
GBP = 1.27

[recording]
full_evaluation_rate = 0.01
"""
_HTML = '\'<a href="{click}"><img src="https://cdn.%s/%s.png"></a>\''


def files(campaigns: int) -> Iterator[tuple[str, str]]:
    """Names and texts of `bidder.toml` and of as many campaigns, a hundred to a file."""
    yield "bidder.toml", _BIDDER
    chance = Random(SEED)  # noqa: S311 - nothing here is secret
    for first in range(0, campaigns, PER_FILE):
        number = first // PER_FILE
        numbers = range(first, min(first + PER_FILE, campaigns))
        text = f'advertiser = "a{number:04d}"\n' + "".join(_campaign(chance, each) for each in numbers)
        yield f"campaigns/a{number:04d}.toml", text


def _campaign(chance: Random, number: int) -> str:
    goal, factor = chance.choice(_GOALS)
    cpm = round(chance.lognormvariate(0.7, 0.6), 3) + 0.05
    lines = [
        "\n[[campaigns]]",
        f'id = "c{number:06d}"',
        "flight = { start = 2020-01-01, end = 2099-12-31 }",
        f"budget = {{ daily = {chance.randrange(50, 5000)} }}",
        f'goal = {{ type = "{goal}", amount = {cpm * factor:.3f} }}',
        f"max_cpm = {cpm * chance.uniform(1.0, 2.0) + 0.001:.3f}",
        f"include = {{ {', '.join(_included(chance))} }}",
    ]
    if chance.random() < 0.2:
        lines.append(f'exclude = {{ domain = ["{chance.choice(_UNWANTED)}"] }}')
    if chance.random() < 0.3:
        lines.append(f'safety = {{ categories = [{{ ids = ["{chance.choice(("IAB25", "IAB26", "IAB14-1"))}"] }}] }}')
    kind = chance.choice(_FORMATS)
    ads = ",\n".join(_creative(chance, kind, number, index) for index in range(chance.choice((1, 1, 2, 3))))
    lines.append(f"creatives = [\n{ads},\n]\n")
    return "\n".join(lines)


def _included(chance: Random) -> Iterator[str]:
    """Each attribute is named by some campaigns; nearly all name a country."""
    if chance.random() < 0.9:
        yield f"country = {_some(chance, _COUNTRIES, 3)}"
    if chance.random() < 0.5:
        yield f"device_type = {_some(chance, _DEVICES, 2)}"
    rare = (
        ("region", _REGIONS), ("city", _CITIES), ("browser", _BROWSERS), ("language", _LANGUAGES), ("deal", _DEALS),
        ("segment", _SEGMENTS), ("domain", _DOMAINS), ("environment", ("site", "app")),
    )  # fmt: skip
    for name, values in rare:
        if chance.random() < 0.12:
            yield f"{name} = {_some(chance, values, 2)}"
    if chance.random() < 0.12:
        yield f'os = [{{ name = "{chance.choice(_SYSTEMS)}", min = "{chance.randrange(8, 15)}" }}]'
    if chance.random() < 0.2:
        yield f"category = [{{ ids = {_some(chance, _CATEGORIES, 3)} }}]"


def _some(chance: Random, values: Sequence[str], most: int) -> str:
    """Up to so many of the values as a TOML array, the first ones more often."""
    found = {values[int(len(values) * chance.random() ** 2)] for _ in range(chance.randrange(1, most + 1))}
    return "[" + ", ".join(f'"{value}"' for value in sorted(found)) + "]"


def _creative(chance: Random, kind: str, number: int, index: int) -> str:
    domain = f"shop{number % 5000}.example"
    common = (
        f'id = "k{index}", format = "{kind}", landing = "https://{domain}/offer/{index}", adomain = ["{domain}"], '
        f'cat = ["{chance.choice(_CREATIVE_CATEGORIES)}"]'
    )
    return f"  {{ {common}, {_markup(chance, kind, domain, index)} }}"


def _markup(chance: Random, kind: str, domain: str, index: int) -> str:
    if kind == "banner":
        size = _SIZES[int(len(_SIZES) * chance.random() ** 2)]
        return f'size = "{size}", html = {_HTML % (domain, size)}'
    if kind == "native":
        image = f'{{ url = "https://cdn.{domain}/{index}.jpg", size = "1200x627" }}'
        return f'native = {{ title = "Offer of the day", sponsored = "{domain}", images = [{image}] }}'
    seconds = chance.choice((6, 15, 30))
    if kind == "audio":
        media = f'{{ url = "https://cdn.{domain}/{index}.mp3", type = "audio/mpeg", bitrate_kbps = 128 }}'
    else:
        media = (
            f'{{ url = "https://cdn.{domain}/{index}.mp4", type = "video/mp4", bitrate_kbps = 1200, '
            'size = "1280x720" }'
        )
    return f"duration_s = {seconds}, media = [{media}]"
