"""What request headers say, as far as the bid port cares. Answers are cached: callers repeat their headers."""

from functools import lru_cache

JSON = "application/json"


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Whether a `Content-Type` names JSON, whatever its parameters."""
    return content_type.partition(";")[0].strip().lower() == JSON


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an `Accept-Encoding` allows gzip (RFC 9110, section 12.5.3): by name or by `*`, and not with `q=0`."""
    weights = dict(_weighted(each) for each in accept_encoding.lower().split(","))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


@lru_cache(maxsize=256)
def content_codings(content_encoding: str) -> tuple[str, ...]:
    """The codings a `Content-Encoding` lists, in the order they were applied, without `identity`."""
    codings = (each.strip().lower().removeprefix("x-") for each in content_encoding.split(","))
    return tuple(each for each in codings if each not in {"", "identity"})


def declared_length(content_length: str | None) -> int:
    """The bytes of a `Content-Length`; 0 where there is none, or none that can be read."""
    if content_length is None or not (content_length.isascii() and content_length.isdigit()):
        return 0
    return int(content_length[:20])


def _weighted(element: str) -> tuple[str, bool]:
    """A coding and whether its weight is above 0; a weight that cannot be read is none."""
    coding, _, parameter = element.partition(";")
    name, _, weight = parameter.partition("=")
    refused = name.strip() == "q" and not weight.strip().strip("0.")
    return coding.strip(), not refused
