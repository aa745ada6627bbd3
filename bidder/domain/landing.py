"""Landing pages: where a click may lead."""

import re
from urllib.parse import quote, urlsplit

MAX_CHARS = 4096

# Without white space, control characters and backslashes, which browsers, proxies and headers read in different ways.
_ABSOLUTE = re.compile(r"https?://[^\x00-\x20\x7f\s\"'<>\\^`{|}]+")
_RESERVED = "!#$%&'()*+,/:;=?@[]~"


def is_landing(url: str) -> bool:
    """Whether it is an absolute http or https URL that all who read it read alike."""
    if len(url) > MAX_CHARS or not _ABSOLUTE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.username is None


def with_parameter(url: str, name: str, value: str) -> str:
    """A landing URL with a parameter added to its query, in ASCII. `name` and `value` need no escaping."""
    body, mark, fragment = url.partition("#")
    separator = "" if body[-1] in "?&" else "&" if "?" in body else "?"
    return quote(f"{body}{separator}{name}={value}{mark}{fragment}", safe=_RESERVED, errors="replace")
