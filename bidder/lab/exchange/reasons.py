"""The reasons a bidder gives on its metrics page: every counter with a `reason` label, largest first."""

import re
from collections import Counter

import aiohttp

from bidder.lab.exchange.client import open_session, read_body
from bidder.lab.exchange.routes import loopback_url

_MAX_PAGE_BYTES = 1 << 22
_SAMPLE = re.compile(
    r'^(?P<name>[a-zA-Z_:][\w:]*)\{(?:[^{}]*,)?reason="(?P<reason>[^"]*)"[^{}]*\} (?P<value>[0-9.]+(?:e\+?[0-9]+)?)',
    re.MULTILINE,
)


def read_reasons(page: str) -> Counter[str]:
    """The samples of a page in the Prometheus text format that have a `reason`, summed over their other labels."""
    reasons: Counter[str] = Counter()
    for sample in _SAMPLE.finditer(page):
        reasons[f"{sample['reason']} ({sample['name']})"] += int(float(sample["value"]))
    return reasons


async def fetch_reasons(url: str) -> Counter[str]:
    """What the page at `url`, which must be on this machine, says at this moment; nothing where it cannot be read."""
    try:
        async with open_session(1, 2.0) as session, session.get(loopback_url(url)) as response:
            page = await read_body(response, _MAX_PAGE_BYTES)
    except (aiohttp.ClientError, TimeoutError):
        return Counter()
    return read_reasons(page.decode("utf-8", "replace")) if response.status == 200 else Counter()
