"""The keys by which values are compared: as lists write them, and with each the more general ones above it."""

from functools import lru_cache

Values = tuple[str, ...]
"""What a request says about one attribute; empty where it says nothing."""

_LONGEST_DOMAIN = 253
_LONGEST_TAG = 35  # a BCP 47 tag that software must hold (RFC 5646, 4.4.1)


@lru_cache(maxsize=8192)
def above(domain: str) -> Values:
    """A domain and all domains above it; a name too long to be one stands alone."""
    if len(domain) > _LONGEST_DOMAIN:
        return (domain,)
    parts = domain.split(".")
    return tuple(".".join(parts[start:]) for start in range(len(parts)))


def bare(domain: str) -> str:
    """A domain as lists are compared: lower case, without `www.` and a trailing dot."""
    return domain.strip().lower().removeprefix("www.").rstrip(".")


def host(url: str) -> str:
    """The host of a URL; empty where there is none."""
    _, scheme, rest = url.partition("://")
    authority = (rest if scheme else url).replace("\\", "/").split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    return authority.rpartition("@")[2].split(":", 1)[0]


def words(*sources: object) -> Values:
    words: set[str] = set()
    for source in sources:
        text = getattr(source, "keywords", None)
        if text:
            words.update(word.strip().lower() for word in text.split(","))
        words.update(word.lower() for word in getattr(source, "kwarray", None) or ())
    words.discard("")
    return tuple(words)


@lru_cache(maxsize=8192)
def category_keys(cattax: int, category: str) -> Values:
    """`1:IAB3-1` and `1:IAB3`; taxonomies after 1.0 number their categories flatly."""
    if cattax == 1 and "-" in category:
        return (f"1:{category}", f"1:{category.split('-', 1)[0]}")
    return (f"{cattax}:{category}",)


def tags(tag: str) -> Values:
    """A language tag and those above it: `de-at`, `de`."""
    if len(tag) > _LONGEST_TAG:
        return (tag,)
    parts = tag.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))
