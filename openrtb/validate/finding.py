"""What a check says: the rule broken, where, how badly, what was found and what would be right."""

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from openrtb.validate.rules import SEVERITIES, Severity

MAX_FINDINGS = 1_000
"""The most findings on one document; bounds the time a hostile one can take. One more says that there were others."""

_MOST_CHARACTERS = 80
_MOST_ITEMS = 6


class Finding(Struct, frozen=True):
    """One departure of a document from the rules, fit to paste into a ticket."""

    rule: str  # a key of `rules.SPEC_RULES` or `rules.OWN_RULES`
    path: str  # JSON path of the value, such as `$.imp[0].video.mimes`; inside `Native.request` and `adm` it goes on
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.message} [{self.rule}]"


def finding(rule: str, path: str, message: str) -> Finding:
    """A finding with the severity that the tables of rules give to `rule`."""
    return Finding(rule, path, SEVERITIES[rule], message)


def collected(findings: Iterator[Finding]) -> list[Finding]:
    """The findings, as far as `MAX_FINDINGS` goes."""
    found = list(islice(findings, MAX_FINDINGS))
    if next(findings, None) is not None:
        found.append(finding("too-many-findings", "$", f"more than {MAX_FINDINGS}; the others are left out"))
    return found


def shown(value: Any) -> str:
    """A value as messages show it: as on the wire in ASCII, arrays without brackets, short whatever its size."""
    match value:
        case None:
            return "absent"
        case str():
            more = len(value) - _MOST_CHARACTERS
            text = json.dumps(value[:_MOST_CHARACTERS])
            return f"{text} and {more} characters more" if more > 0 else text
        case Collection():
            return listed(map(shown, value), len(value))
        case _:
            return str(value)[:_MOST_CHARACTERS]


def listed(texts: Iterable[str], count: int) -> str:
    """The first few of `texts`, which are `count` in all; the others are not even made."""
    more = f" and {count - _MOST_ITEMS} more" if count > _MOST_ITEMS else ""
    return (", ".join(islice(texts, _MOST_ITEMS)) or "nothing") + more
