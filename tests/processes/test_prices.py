"""Ciphered clearing prices, from the settings of an exchange to the book, in real processes."""

import json
import time
from pathlib import Path

from tests.domain.sealed_prices import KEY, OTHER_KEY, sealed
from tests.processes.served import EXCHANGE, Bidder, configured, fetch, until


def test_a_ciphered_price_reaches_the_book_and_one_of_another_key_alarms(tmp_path: Path) -> None:
    with configured(tmp_path):
        (tmp_path / "config/google.keys").write_text(f"{KEY.encryption.hex()} {KEY.integrity.hex()}\n")
        exchange = tmp_path / f"config/exchanges/{EXCHANGE}.toml"
        exchange.write_text(f'{exchange.read_text()}\n[price]\nformat = "google"\nkeys_file = "google.keys"\n')
        with Bidder(tmp_path) as bidder:
            first, second = (json.loads(bidder.post()[1])["seatbid"][0]["bid"][0] for _ in range(2))
            now_s = int(time.time())
            assert bill(first["burl"], sealed(7, now_s)) == 204
            assert bill(second["burl"], sealed(7, now_s)) == 204
            assert bill(second["burl"], sealed(7, now_s, key=OTHER_KEY, serial=1)) == 204
            until(lambda: 'bidder_money_micros{state="spent"} 7.0' in metrics(bidder), "seven micros spent")
            assert 'bidder_notice_alarms_total{kind="bill",outcome="replayed"} 1.0' in metrics(bidder)
            assert 'bidder_notice_alarms_total{kind="bill",outcome="unknown_signer"} 1.0' in metrics(bidder)


def bill(burl: str, price: str) -> int:
    return fetch(burl.replace("${AUCTION_PRICE}", price))[0]


def metrics(bidder: Bidder) -> str:
    return fetch(f"{bidder.web_url}/metrics")[1].decode()
