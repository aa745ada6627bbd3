"""Golden cases: a configuration, a request and what must come of them, written in TOML.

A file below `golden/` holds `[[case]]` tables. What stands outside of them holds for all cases of the file. Everything
is a change to a default: one campaign `a` with one 300x250 banner that bids 2.00 CPM, and a request for such a banner.

    campaign     changes to the campaign          creative     changes to its creative; `format` picks the default one
    creatives    several creatives, each changed  rivals       further campaigns, each with its creative or creatives
    exchange     changes to the exchange          account      changes to the account
    profile      the file of the demo's exchange that is changed
    owners       advertisers, by campaign
    granted      micros granted, by campaign      public_url   base of the URLs
    sent_by      the exchange that is called      now          the time
    waited_ms    how long ago the request came
    request      changes to the request           imp, imps    changes to its imp; several imps
    absent       paths that are left out of the request, as in "device.geo" or "imp.0.bidfloor"

    reason       where campaign `a` ends, by the full evaluation
    reasons      the same for several campaigns
    bids         who bids, by imp: a campaign, or several for a pod, the dearest first; left out: `a` where its
                 reason is `bid`, else nobody
    status       of the answer; left out: 200 with bids, 204 without
    bid          attributes of the first bid         without      attributes it must not have
    markup       texts that stand in its `adm`       bid_urls     beginnings of its URLs, by attribute
    url_parts    texts that stand in its URLs        seat         the seat that bids
    response     attributes of the response          departs      rules of OpenRTB that the exchange's dialect breaks
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from struct import iter_unpack
from typing import Any

import msgspec
from msgspec import Struct

import bidder.demo
from bidder.answer import Answer
from bidder.brain import DecidingBrain
from bidder.config.convert import convert
from bidder.config.parse import parse
from bidder.config.schema import Account, Advertiser, Campaign, Exchange, Table
from bidder.domain.reason import Reason
from bidder.events import schema as events
from tests.auction import builders

GOLDEN = Path(__file__).parent / "golden"
PROFILES = Path(bidder.demo.__file__).parent / "config" / "exchanges"

_CREATIVES = {
    "banner": builders.creative,
    "video": builders.video,
    "audio": builders.audio,
    "native": builders.native,
}
_JSON = msgspec.json.Encoder(decimal_format="number")


class Outcome(Struct):
    """What came of a case."""

    answer: Answer
    reasons: dict[str, str]
    """Where each campaign ended, by its id, as the record of the full evaluation tells."""
    bids: list[events.Bid]
    closure_error: int


class Case:
    """One case of a file."""

    def __init__(self, file: Path, document: dict[str, Any]) -> None:
        self.name = f"{file.relative_to(GOLDEN).with_suffix('')}: {document['name']}"
        self.document = document
        self.now = _seconds(document["now"]) if "now" in document else builders.NOW
        self.arrived = self.now - document.get("waited_ms", 0) / 1000
        self.exchange_name: str = document.get("sent_by", builders.NAME)

    def __getitem__(self, key: str) -> Any:
        return self.document[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self.document.get(key, default)

    @property
    def campaigns(self) -> list[Campaign]:
        """The campaigns, checked by the rules of the configuration."""
        ads = {key: self[key] for key in ("creative", "creatives") if key in self.document}
        own = {**self.get("campaign", {}), **ads}
        written = [_campaign(own), *map(_campaign, self.get("rivals", ()))]
        return list(_table({"advertiser": "adv", "campaigns": written}, Advertiser).campaigns)

    @property
    def request(self) -> dict[str, Any]:
        """The request as it is sent."""
        document = merged(builders.body(), self.get("request", {}))
        if "imps" in self.document:
            document["imp"] = [merged(builders.imp(), changes) for changes in self["imps"]]
        document["imp"] = [merged(each, self.get("imp", {})) for each in document["imp"]]
        for path in self.get("absent", ()):
            _remove(document, path.split("."))
        return document

    @property
    def body(self) -> bytes:
        return _JSON.encode(self.request)

    def brain(self, rate: str) -> tuple[DecidingBrain, list[Any]]:
        """The brain that the case is put to, and the list of what it records."""
        account = _table(self.get("account", {}), Account)
        return builders.brain(
            *self.campaigns,
            now=self.now,
            rate=rate,
            exchange=_table({"seat": "s1", **self._profile, **self.get("exchange", {})}, Exchange),
            purse=builders.Grants(self.get("granted", {})),
            public_url=self.get("public_url", builders.PUBLIC_URL),
            currency=account.currency,
            rates=account.rates,
            owners=self.get("owners"),
        )

    @property
    def _profile(self) -> dict[str, Any]:
        name = self.get("profile")
        return parse((PROFILES / f"{name}.toml").read_text()) if name is not None else {}

    def answer(self, rate: str) -> Answer:
        """The answer to the case, where this share of requests is evaluated in full."""
        return self.brain(rate)[0].answer(self.exchange_name, self.body, self.arrived, self.now)

    def outcome(self) -> Outcome:
        """What comes of the case, evaluated in full."""
        brain, recorded = self.brain("1")
        answer = brain.answer(self.exchange_name, self.body, self.arrived, self.now)
        funnel = next((each for each in recorded if isinstance(each, events.Funnel)), None)
        assert funnel is not None, f"no full evaluation was recorded; the answer is {answer}"
        lines = brain.engine.snapshot.lines
        codes = [code for (code,) in iter_unpack("<H", funnel.terminal)]
        return Outcome(
            answer,
            {line.id: Reason(code).label for line, code in zip(lines, codes, strict=True)},
            [each for each in recorded if isinstance(each, events.Bid)],
            sum(funnel.counts.values()) - len(lines),
        )

    @property
    def reasons(self) -> dict[str, str]:
        """Where the campaigns must end."""
        return {**self.get("reasons", {}), **({"a": self["reason"]} if "reason" in self.document else {})}

    @property
    def bids(self) -> dict[str, list[str]]:
        """Who must bid, by imp."""
        default = {"1": "a"} if self.reasons.get("a") == "bid" else {}
        found = self.get("bids", default)
        return {imp: [names] if isinstance(names, str) else names for imp, names in found.items()}

    @property
    def prices(self) -> dict[str, int]:
        """The rates by which prices are compared, in micros."""
        return {
            name: int(rate * 10**6) for name, rate in {"USD": 1, **self.get("account", {}).get("rates", {})}.items()
        }

    @property
    def status(self) -> int:
        """The status of the answer."""
        return int(self.get("status", 200 if self.bids else 204))


def cases(*folders: str) -> Iterator[Case]:
    """The cases of all files below these folders of `golden/`."""
    for folder in folders:
        for file in sorted((GOLDEN / folder).rglob("*.toml")):
            document = parse(file.read_text())
            shared = {key: value for key, value in document.items() if key != "case"}
            yield from (Case(file, merged(shared, case)) for case in document["case"])


def merged(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `base` with `changes`; tables are merged, everything else is replaced."""
    result = deepcopy(base)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else deepcopy(value)
    return result


def _campaign(changes: dict[str, Any]) -> dict[str, Any]:
    campaign = merged(_written(builders.campaign()), {k: v for k, v in changes.items() if not k.startswith("creative")})
    ads = changes.get("creatives", [changes.get("creative", {})])
    campaign["creatives"] = [_creative(each) for each in ads]
    return campaign


def _creative(changes: dict[str, Any]) -> dict[str, Any]:
    default = _written(_CREATIVES[changes.get("format", "banner")]())
    if "html" in changes:
        del default["image"]
    if "vast_url" in changes:
        del default["media"], default["duration_s"]
    creative = merged(default, {key: value for key, value in changes.items() if key != "without"})
    for name in changes.get("without", ()):
        del creative[name]
    return creative


def _written(table: Table) -> dict[str, Any]:
    """A table as a document of TOML would hold it."""
    document: dict[str, Any] = msgspec.to_builtins(table, builtin_types=(Decimal, date))
    return document


def _table(document: dict[str, Any], kind: type[Any]) -> Any:
    converted = convert(document, kind)
    assert not converted.faults, f"the configuration of the case is wrong: {converted.faults}"
    return converted.table


def _remove(node: Any, path: list[str]) -> None:
    for step in path[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    del node[path[-1]]


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
