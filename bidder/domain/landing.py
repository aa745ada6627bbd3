"""Landing pages: where a click may lead."""

import re
from urllib.parse import quote

MAX_CHARS = 4096

# Host and port plain, no user, and nothing that browsers, proxies and headers read in different ways.
_WEB_PAGE = re.compile(
    r"https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?"
    r"([/?#][^\x00-\x20\x7f\"'<>\\^`{|}]*)?"
)
_RESERVED = "!#$%&'()*+,/:;=?@[]~"


def is_landing(url: str) -> bool:
    """Whether it is an absolute http or https URL that all who read it read alike."""
    return len(url) <= MAX_CHARS and _WEB_PAGE.fullmatch(url) is not None


def with_parameter(url: str, name: str, value: str) -> str:
    """A landing URL with a parameter added to its query, in ASCII. `name` and `value` need no escaping."""
    body, mark, fragment = url.partition("#")
    separator = "" if body[-1] in "?&" else "&" if "?" in body else "?"
    return quote(f"{body}{separator}{name}={value}{mark}{fragment}", safe=_RESERVED, errors="replace")
