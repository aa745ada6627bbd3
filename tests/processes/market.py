"""A small market against a running bidder: requests without pause, notices for every bid, and what was acknowledged."""

import http.client
import json
import random
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.processes.served import EXCHANGE, REQUEST

TIGHT, ENDLESS = "tight", "endless"
TIGHT_MICROS, ENDLESS_MICROS = 3000, 2000
"""Prices of a bid; the dearer campaign bids as long as its budget lasts."""

CAMPAIGN = """
[[campaigns]]
id = "{name}"
flight = {{ start = 2020-01-01, end = 2099-12-31 }}
budget = {{ total = {total} }}
goal = {{ type = "cpm", amount = {cpm} }}
max_cpm = {cpm}
pacing = {{ mode = "asap" }}

[[campaigns.creatives]]
id = "any"
format = "banner"
size = "300x250"
landing = "https://first.example/"
adomain = ["first.example"]
html = '<a href="{{click}}">look</a>'
"""


def set_up(config: Path, tight_total: float, hold_seconds: int = 15, endless_total: float = 1e6) -> None:
    """Two campaigns, one with a budget that runs out."""
    (config / f"exchanges/{EXCHANGE}.toml").write_text(f"exp_seconds = {hold_seconds}\n")
    write_campaigns(config, tight_total, endless_total)


def write_campaigns(config: Path, tight_total: float, endless_total: float = 1e6) -> None:
    """Save the campaigns with these budgets, at once."""
    tight = CAMPAIGN.format(name=TIGHT, total=f"{tight_total:.3f}", cpm="3.00")
    endless = CAMPAIGN.format(name=ENDLESS, total=f"{endless_total:.2f}", cpm="2.00")
    (path,) = (config / "campaigns").glob("*.toml")
    aside = path.with_suffix(".aside")
    aside.write_text(f'advertiser = "first"\n{tight}{endless}')
    aside.replace(path)


class Market:
    """Bids, then bills, loses or forgets each bid, over connections that are made anew when they break."""

    def __init__(self, bid_url: str, web_url: str, seed: int, traders: int = 3) -> None:
        self.bids = 0
        self.answers: Counter[int] = Counter()
        self.notice_answers: Counter[int] = Counter()
        """Statuses, 0 where a connection broke."""
        self.billed: dict[int, int] = {}
        """Acknowledged bills: micros by bid."""
        self.tried: set[int] = set()
        """Bids whose bill was sent, acknowledged or not."""
        self._bid, self._web = urlsplit(bid_url).netloc, urlsplit(web_url).netloc
        self._stopped = threading.Event()
        dice = [random.Random(seed * 100 + number) for number in range(traders)]
        self._threads = [threading.Thread(target=self._trade, args=(each,)) for each in dice]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _trade(self, dice: random.Random) -> None:
        with closing(_Wire(self._bid)) as bidding, closing(_Wire(self._web)) as telling:
            self._trade_over(bidding, telling, dice)

    def _trade_over(self, bidding: "_Wire", telling: "_Wire", dice: random.Random) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            body = REQUEST.replace(b'"id": "1"', b'"id": "%d-%d"' % (dice.randrange(2**60), number), 1)
            status, answer = bidding.call("POST", f"/openrtb2/{EXCHANGE}", body)
            self.answers[status] += 1
            if status == 200:
                self.bids += 1
                self._settle(json.loads(answer)["seatbid"][0]["bid"][0], telling, dice)
            elif status == 0:
                self._stopped.wait(0.02)

    def _settle(self, bid: Any, telling: "_Wire", dice: random.Random) -> None:
        lot = dice.random()
        if lot < 0.2:
            return
        if lot < 0.4:
            lost = bid["lurl"].replace("${AUCTION_LOSS}", "102").replace("${AUCTION_PRICE}", "")
            self.notice_answers[telling.call("GET", _path(lost))[0]] += 1
            return
        bid_id, micros = int(bid["id"], 16), dice.randrange(1, round(bid["price"] * 1000) + 1)
        target = _path(bid["burl"].replace("${AUCTION_PRICE}", str(micros / 1000)))
        self.tried.add(bid_id)
        for _ in range(dice.choice([1, 1, 2])):
            status, _answer = telling.call("GET", target)
            self.notice_answers[status] += 1
            if status == 204:
                self.billed[bid_id] = micros


def _path(url: str) -> str:
    found = urlsplit(url)
    return f"{found.path}?{found.query}"


class _Wire:
    """One connection."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, target: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body; 0 where the connection broke."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._address, timeout=10)
            self._connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, b""

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
