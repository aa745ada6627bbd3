"""The demo: a market of real processes, and two accounts of it that agree."""

import argparse
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from bidder.demo import command
from bidder.demo.reconcile import differences
from tests.processes.free_ports import free_ports
from tests.processes.served import PATIENCE_SECONDS, until

METRICS = """\
bidder_requests_total{exchange="demo",status="200"} 8
bidder_requests_total{exchange="demo",status="204"} 2
bidder_notices_total{kind="win",outcome="counted"} 5
bidder_notices_total{kind="win",outcome="repeated"} 1
bidder_closure_error_total 0
"""
NAMES = ("win", "billing", "loss", "impression", "audit", "click", "click tracker", "conversion")


def exchange_saw(wins: int, copies: int, retries: int = 0) -> dict[str, object]:
    nothing = {"acknowledged": 0, "copies": 0, "retries": 0, "failed": 0, "abandoned": 0}
    accounts = {name: dict(nothing) for name in NAMES}
    accounts["win"] |= {"acknowledged": wins, "copies": copies, "retries": retries}
    return {"statuses": {"200": 8, "204": 2}, "notices": accounts}


def test_accounts_that_say_the_same_agree() -> None:
    assert all(each.agrees for each in differences(exchange_saw(wins=6, copies=1), METRICS))


def test_a_notice_that_was_acknowledged_and_is_not_in_the_books_shows() -> None:
    different = [each.what for each in differences(exchange_saw(wins=7, copies=1), METRICS) if not each.agrees]
    assert different == ["win: received"]


def test_a_notice_that_was_counted_twice_shows() -> None:
    different = [each.what for each in differences(exchange_saw(wins=6, copies=2), METRICS) if not each.agrees]
    assert different == ["win: repeats"]


def test_a_call_that_was_made_again_may_have_been_taken_twice() -> None:
    assert all(each.agrees for each in differences(exchange_saw(wins=5, copies=0, retries=1), METRICS))


def test_a_sum_that_does_not_close_shows() -> None:
    page = METRICS.replace("bidder_closure_error_total 0", "bidder_closure_error_total 3")
    assert [each.bidder for each in differences(exchange_saw(wins=6, copies=1), page) if not each.agrees] == [3]


def played(seconds: float, directory: Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    bid_port, web_port = free_ports(2)
    ports = [f"--bid-port={bid_port}", f"--web-port={web_port}"]
    return command.run(
        parser.parse_args(
            [f"--seconds={seconds}", "--rate=40", "--patience=50", "--plain", f"--keep={directory}/demo", *ports]
        )
    )


def test_a_short_market_ends_with_accounts_that_agree(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = played(4, tmp_path)
    assert code == 0, capfd.readouterr().out


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_demo_that_is_terminated_leaves_no_bidder_behind(tmp_path: Path) -> None:
    bid_port, web_port = free_ports(2)
    words = [f"--bid-port={bid_port}", f"--web-port={web_port}", "--plain", f"--keep={tmp_path}/demo"]
    with subprocess.Popen([sys.executable, "-m", "bidder", "demo", *words], stdout=subprocess.DEVNULL) as demo:
        until(lambda: answers(f"http://127.0.0.1:{web_port}/readyz"), "the bidder of the demo is ready")
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", web_port))


@pytest.mark.slow
def test_a_minute_of_market_ends_with_accounts_that_agree(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = played(60, tmp_path)
    assert code == 0, capfd.readouterr().out
