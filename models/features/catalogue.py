"""Every feature a model may use, by name. To add one, add a line here and a case to `tests/models/test_features.py`.

A manifest names features out of this table with their declaration; a model whose declaration differs from this table is
refused, so a changed meaning needs a new name.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from models.features.kinds import Category, Clock, Feature, Hashed, ListHas, ListLength, Number, Rate, Seen

_NUMBERS = ("bidfloor", "schain_length", "width", "height", "interstitial", "rewarded", "viewability", "hour",
            "weekday", "frequency", "duration_s")  # fmt: skip
_LOGARITHMS = ("bidfloor", "user_seen", "user_idle_s", "ip_seen", "ip_seen_week", "recency_s",
               "frequency")  # fmt: skip
_CATEGORIES = ("exchange", "auction_type", "environment", "publisher", "domain", "bundle", "category", "tagid", "size",
               "position", "slot_format", "device_type", "os", "os_version", "browser", "make", "model", "connection",
               "carrier", "language", "country", "region", "city", "advertiser", "campaign", "creative", "format",
               "deal", "creative_size")  # fmt: skip
_RATES = (*_CATEGORIES, "url", "ip", "hour", "agent", "user")
_CROSSES = (
    ("campaign", "publisher"), ("campaign", "domain"), ("campaign", "bundle"), ("campaign", "tagid"),
    ("campaign", "os"), ("campaign", "model"), ("campaign", "region"), ("campaign", "hour"), ("campaign", "exchange"),
    ("campaign", "creative"), ("creative", "tagid"), ("creative", "size"), ("creative", "domain"),
    ("creative", "bundle"), ("creative", "position"), ("exchange", "size"), ("exchange", "tagid"), ("domain", "tagid"),
    ("publisher", "model"), ("publisher", "os"), ("os", "browser"), ("make", "model"), ("region", "city"),
    ("campaign", "model", "os"), ("campaign", "publisher", "os"), ("campaign", "creative", "tagid"),
)  # fmt: skip
_HASHED = ("url", "ip", "user", "agent", "domain", "tagid")
_SEGMENTS = ("10006", "10024", "10048", "10057", "10063", "10075", "10083", "10110", "10111", "10115", "10116")


def _all() -> Iterator[tuple[str, Feature]]:
    for name in _NUMBERS:
        yield name, Number(facts=(name,))
    for name in _LOGARITHMS:
        yield f"log_{name}", Number(facts=(name,), log=True)
    for name in _CATEGORIES:
        yield f"{name}_category", Category(facts=(name,))
    for name in _RATES:
        yield f"{name}_rate", Rate(facts=(name,))
    for names in _CROSSES:
        crossed = "_x_".join(names)
        yield f"{crossed}_rate", Rate(facts=names)
        yield f"{crossed}_seen", Seen(facts=names)
        yield f"{crossed}_category", Category(facts=names)
    for name in _RATES:
        yield f"{name}_seen", Seen(facts=(name,))
    for name in _HASHED:
        yield f"{name}_hash", Hashed(facts=(name,))
    for part in ("hour", "weekday", "week_hour"):
        yield f"local_{part}", Clock(facts=("at_ms", "utc_offset_min"), part=part)
    yield "segments_length", ListLength(facts=("segments",))
    for member in _SEGMENTS:
        yield f"segment_{member}", ListHas(facts=("segments",), member=member)


CATALOGUE: Final[Mapping[str, Feature]] = dict(_all())
"""Feature by name.

`X` and `log_X` are numbers; `X_category`, `X_rate`, `X_seen` and `X_hash` go by the values of X; `X_x_Y_...` are
crosses; `local_...` is the user's clock; `segments_length` and `segment_...` look into the list of segments.
"""
