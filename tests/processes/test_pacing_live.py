"""Pacing in real processes: a small budget under traffic that could spend it at once, an edit, and a restart."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGTERM
from typing import Any

from tests.processes.served import REQUEST, Bidder, configured, fetch, until

CAMPAIGN = "any-banner"
CAMPAIGNS = "campaigns/everything.toml"
BUDGET_MICROS = 200_000_000
PRICE_MICROS = 500_000
"""What a bid of the template is worth: a budget of 200.00 lasts for 400 of them."""


def test_a_budget_is_spread_and_not_spent_at_once_and_a_restart_keeps_it_so(tmp_path: Path) -> None:
    with configured(tmp_path):
        paced(tmp_path / "config")
        with Bidder(tmp_path) as bidder:
            exchange_sends(bidder, requests=1_000)
            first = standing(bidder)
            assert 0 < first["spent_micros"] < 0.25 * BUDGET_MICROS
            assert first["throttle"] < 1 or first["multiplier"] < 1
            bidder.signal(SIGTERM)
            assert bidder.exit_code() == 0
        assert (tmp_path / "state/pacing").exists()
        with Bidder(tmp_path) as bidder:
            exchange_sends(bidder, requests=300)
            again = standing(bidder)
            assert again["throttle"] < 1 or again["multiplier"] < 1
            assert again["spent_micros"] - first["spent_micros"] < 0.1 * BUDGET_MICROS


def test_an_edit_of_the_budget_is_live_at_once_and_as_fast_as_possible_is_not_paced(tmp_path: Path) -> None:
    with configured(tmp_path):
        paced(tmp_path / "config")
        with Bidder(tmp_path) as bidder:
            exchange_sends(bidder, requests=200)
            bidder.edit(CAMPAIGNS, lambda text: text.replace("daily = 200.00", "daily = 0.01", 1))
            until(lambda: standing(bidder)["throttle"] == 0, "the budget below what is spent stops it")
            bidder.edit(CAMPAIGNS, lambda text: text.replace('mode = "even"', 'mode = "asap"', 1))
            until(lambda: not standings(bidder), "it is not paced")


def paced(config: Path) -> None:
    """One campaign, paced evenly; full evaluations of all requests, as for small accounts."""
    file = config / CAMPAIGNS
    text = file.read_text().partition('[[campaigns]]\nid = "any-video"')[0]
    text = text.replace("daily = 1000000000.00", "daily = 200.00").replace('mode = "asap"', 'mode = "even"')
    file.write_text(text)
    bidder = config / "bidder.toml"
    text = re.sub(r"\[recording\]\n(?:.+\n)*", "", bidder.read_text())
    bidder.write_text(f"{text}\n[recording]\nfull_evaluation_rate = 1.0\n\n[pacing]\nseconds = 1\n")


def exchange_sends(bidder: Bidder, requests: int) -> None:
    """Requests over a few connections; every bid is billed at its price."""

    def play(number: int) -> None:
        status, body = bidder.post(REQUEST.replace(b'"id": "1", "at"', b'"id": "%d", "at"' % number))
        if status == 200:
            bid = json.loads(body)["seatbid"][0]["bid"][0]
            fetch(bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"])))

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(play, range(requests)))
    until(lambda: standings(bidder), "a first step")


def standings(bidder: Bidder) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(fetch(f"{bidder.web_url}/api/pacing?campaign={CAMPAIGN}")[1])["campaigns"]
    return found


def standing(bidder: Bidder) -> dict[str, Any]:
    return standings(bidder)[0]
