"""The running bidder, in real processes and over real sockets."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from bidder.cli import main
from bidder.events.reader import Position, tail
from bidder.events.schema import Bid
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect_to_read
from tests.processes.served import EXCHANGE, REQUEST, Bidder, configured, fetch, is_running, kill, serving, until


@pytest.fixture(scope="module")
def bidder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bidder]:
    """One bidder for the tests that leave it as they found it."""
    with serving(tmp_path_factory.mktemp("bidder"), workers=2) as running:
        yield running


def bid_of(answer: tuple[int, bytes]) -> dict[str, Any]:
    status, body = answer
    assert status == 200, answer
    found: dict[str, Any] = json.loads(body)["seatbid"][0]["bid"][0]
    return found


def billed(bidder: Bidder) -> list[int]:
    """The bids whose bills are in the ledger."""
    store = SqliteStore(bidder.state / "ledger.db", connect_to_read)
    found = [entry.bid_id for entry in store.entries() if entry.kind == "bill"]
    store.close()
    return found


class Traffic:
    """Requests without pause over a few connections that stay, and what came back."""

    def __init__(self, url: str, connections: int = 3, pause_s: float = 0.0) -> None:
        """`pause_s`: what each connection rests after an answer, so that the traffic does not fill the machine."""
        self.statuses: Counter[int] = Counter()
        self.silent: Counter[str] = Counter()
        """Answers without a bid, by the reason that they tell."""
        self.failures: list[str] = []
        self.slowest_s = 0.0
        """The longest that an answer took."""
        self._pause_s = pause_s
        self._address = urlsplit(url).netloc
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(connections)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=20)
        try:
            while not self._stopped.wait(self._pause_s):
                begun_s = time.monotonic()
                connection.request("POST", f"/openrtb2/{EXCHANGE}", REQUEST, {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
                self.slowest_s = max(self.slowest_s, time.monotonic() - begun_s)
                self.statuses[response.status] += 1
                if response.status == 204:
                    self.silent[response.headers.get("x-no-bid-reason", "")] += 1
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))
        finally:
            connection.close()


def test_both_ports_are_alive_and_ready_once_the_greeting_is_printed(bidder: Bidder) -> None:
    for url in (bidder.bid_url, bidder.web_url):
        assert fetch(f"{url}/healthz")[0] == 200
        assert fetch(f"{url}/readyz") == (200, b"ready\n")


def test_its_processes_share_a_session_in_which_precedence_counts_and_no_signal_of_a_terminal_reaches_them(
    bidder: Bidder,
) -> None:
    watchdog = bidder.process.pid
    control, (worker, *_) = bidder.control(), bidder.workers()
    assert {os.getsid(control), os.getsid(worker)} == {os.getsid(watchdog)}
    assert os.getpgid(worker) == os.getpgid(control) != os.getpgid(watchdog)


def test_a_request_gets_a_bid_whose_urls_lead_to_the_web_port(bidder: Bidder) -> None:
    bid = bid_of(bidder.post())
    assert bid["impid"] == "1"
    assert bid["burl"].startswith(f"{bidder.web_url}/bill/")


def test_answers_of_all_workers_are_counted(bidder: Bidder) -> None:
    before = bidder.metric("bidder_requests_total")
    for _ in range(20):
        bidder.post()
    until(lambda: bidder.metric("bidder_requests_total") >= before + 20, "20 more requests in the metrics")
    assert bidder.metric("bidder_workers") == 2
    assert bidder.metric("bidder_closure_error_total") == 0


def test_bids_and_the_reasons_of_those_who_do_not_bid_are_told_of_each_campaign(bidder: Bidder) -> None:
    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(fetch(f"{bidder.web_url}/api/campaigns")[1])["campaigns"]
        return found

    before = sum(row["bids"] for row in rows())
    bid_of(bidder.post())
    until(lambda: sum(row["bids"] for row in rows()) > before, "a bid of a campaign")
    assert fetch(f"{bidder.web_url}/api/metrics")[0] == 200


def test_a_notice_is_counted_once_and_on_disk_when_it_is_acknowledged(bidder: Bidder) -> None:
    bid = bid_of(bidder.post())
    url = bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))
    spent = bidder.metric("bidder_money_micros")
    assert fetch(url)[0] == 204
    assert billed(bidder)[-1] == int(bid["id"], 16)
    assert fetch(url)[0] == 204
    text = fetch(f"{bidder.web_url}/metrics")[1].decode()
    assert 'bidder_notices_total{kind="bill",outcome="repeated"} 1.0' in text
    assert spent <= bidder.metric("bidder_money_micros")


def test_an_exchange_that_wants_its_markup_with_the_win_gets_it_there(bidder: Bidder) -> None:
    bid = bid_of(bidder.post(exchange="win-markup"))
    assert "adm" not in bid
    status, markup = fetch(bid["nurl"].replace("${AUCTION_PRICE}", "0.01"))
    assert status == 200
    assert b"Everything</a>" in markup
    assert fetch(bid_of(bidder.post())["nurl"].replace("${AUCTION_PRICE}", "0.01")) == (204, b"")


def test_a_request_is_explained_by_what_is_live(bidder: Bidder) -> None:
    status, body = fetch(f"{bidder.web_url}/api/explain?exchange=demo", REQUEST)
    explanation = json.loads(body)
    assert (status, explanation["config"]) == (200, bidder.config_status()["digest"])
    assert explanation["bids"] == {"1": ["any-banner"]}
    status, body = fetch(f"{bidder.web_url}/api/explain", b"{")
    assert (status, list(json.loads(body))) == (400, ["error"])


def test_bids_are_recorded_by_the_worker_that_made_them(bidder: Bidder) -> None:
    bid_id = int(bid_of(bidder.post())["id"], 16)

    def recorded() -> bool:
        events = [
            event for worker in (0, 1) for event in tail(bidder.state / f"segments/worker-{worker}", Position()).events
        ]
        return bid_id in {event.bid_id for event in events if isinstance(event, Bid)}

    until(recorded, "the record of the bid")


def test_an_edit_changes_decisions_under_load_and_no_request_fails(bidder: Bidder) -> None:
    generation = bidder.config_status()["generation"]
    with Traffic(bidder.bid_url) as traffic:
        until(lambda: traffic.statuses[200] > 20, "bids")
        bidder.edit(
            "campaigns/everything.toml",
            lambda text: text.replace('id = "any-banner"', 'id = "no-banner"\nenabled = false'),
        )
        until(lambda: traffic.statuses[204] > 20, "no-bids after the campaign was paused")
        until(lambda: bidder.config_status()["generation"] == generation + 1, "the edit live in all workers")
        bidder.edit(
            "campaigns/everything.toml",
            lambda text: text.replace('id = "no-banner"\nenabled = false', 'id = "any-banner"'),
        )
        before = traffic.statuses[200]
        until(lambda: traffic.statuses[200] > before + 20, "bids after the campaign was taken up again")
        until(lambda: bidder.config_status()["generation"] == generation + 2, "the second edit live in all workers")
    assert traffic.failures == []
    assert set(traffic.statuses) == {200, 204}


def test_a_bad_edit_is_refused_with_its_line_in_api_metric_and_log_and_bids_go_on(bidder: Bidder) -> None:
    before = bidder.config_status()
    refused = bidder.metric("bidder_config_rejected_total")
    bidder.edit("campaigns/everything.toml", lambda text: text.replace("max_cpm = 500.00", "max_cpm = -1", 1))
    problem = until(lambda: bidder.config_status()["rejected"], "the edit refused")["problems"][0]
    assert (problem["file"], problem["key"]) == ("campaigns/everything.toml", "campaigns[any-banner].max_cpm")
    assert problem["found"] == "-1"
    assert bidder.metric("bidder_config_rejected_total") == refused + 1
    assert bidder.metric("bidder_config_last_edit_rejected") == 1
    assert "an edit was refused; the configuration before it stays live" in bidder.log_events()
    assert bidder.config_status()["digest"] == before["digest"]
    bid_of(bidder.post())
    bidder.edit("campaigns/everything.toml", lambda text: text.replace("max_cpm = -1", "max_cpm = 500.00", 1))
    until(lambda: bidder.config_status()["rejected"] is None, "the mistake taken back")


def test_what_strangers_send_to_either_port_is_answered_and_not_worth_a_line_in_the_log(bidder: Bidder) -> None:
    lines = bidder.log_events()
    for url in (bidder.bid_url, bidder.web_url):
        for noise in (b"\x16\x03\x01\x02\x00 hello\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 30_000 + b"\r\n\r\n"):
            with connected(url) as stranger, stranger.makefile("rb") as answer:
                stranger.sendall(noise)
                assert answer.readline().split()[1] in {b"400", b"431"}
    bid_of(bidder.post())
    assert bidder.log_events() == lines


def test_a_worker_that_is_killed_is_started_again_and_the_others_answer_meanwhile(bidder: Bidder) -> None:
    restarts = bidder.metric("bidder_worker_restarts_total")
    victim, survivor = bidder.workers()
    kill(victim)
    until(lambda: bidder.metric("bidder_worker_restarts_total") == restarts + 1, "its end noticed")
    bid_of(bidder.post())
    until(lambda: bidder.metric("bidder_workers") == 2, "two workers again")
    assert bidder.metric("bidder_worker_restarts_total") == restarts + 1
    assert survivor in bidder.workers()
    bid_of(bidder.post())


def refusal(config: Path, state: Path, *arguments: str) -> str:
    """What `bidder serve` says that cannot start, on standard error, before it ends with code 2."""
    with redirect_stderr(StringIO()) as said:
        code = main(["serve", f"--config={config}", f"--state={state}", "--bid-port=0", "--web-port=0", *arguments])
    assert code == 2
    return said.getvalue()


def test_a_second_bidder_with_the_same_state_is_refused(bidder: Bidder) -> None:
    said = refusal(bidder.config, bidder.state)
    assert said == f"bidder serve: {bidder.state}: another bidder uses this directory; give each its own --state\n"


@pytest.mark.parametrize("which", ["bid", "web"])
def test_a_port_that_is_in_use_is_told_in_one_line(bidder: Bidder, tmp_path: Path, which: str) -> None:
    port = urlsplit(bidder.bid_url if which == "bid" else bidder.web_url).port
    said = refusal(bidder.config, tmp_path / "state", f"--{which}-port={port}")
    assert said == (
        f"bidder serve: 127.0.0.1:{port} (--{which}-port): "
        "another program has this port; stop it, or choose another port\n"
    )


def test_a_state_directory_that_cannot_be_is_told_in_one_line(bidder: Bidder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = tmp_path / "file" / "state"
    assert refusal(bidder.config, state) == (
        f"bidder serve: {state}: cannot be used for --state: Not a directory ({state}/live); choose another directory\n"
    )


def test_a_configuration_with_mistakes_is_not_served_and_all_of_them_are_told(tmp_path: Path) -> None:
    with configured(tmp_path) as directory:
        bidder_toml = directory / "config" / "bidder.toml"
        bidder_toml.write_text('[server]\ndrain_seconds = 0\n[account]\ncurrency = "usd"\n')
        bidder = Bidder(tmp_path)
    assert (bidder.exit_code(), bidder.out.read_text()) == (2, "")
    said = bidder.log.read_text()
    assert "bidder.toml:2: server.drain_seconds: " in said
    assert "bidder.toml:4: account.currency: " in said
    assert said.endswith("mistakes; nothing is served\n")
    assert "Traceback" not in said


def test_sigterm_fails_readiness_first_then_finishes_what_has_begun_and_ends_with_0(tmp_path: Path) -> None:
    with serving(tmp_path, workers=2, drain_seconds=8) as bidder:
        bid = bid_of(bidder.post())
        with connected(bidder.bid_url) as begun:
            begun.sendall(
                f"POST /openrtb2/{EXCHANGE} HTTP/1.1\r\nHost: bid\r\nContent-Length: {len(REQUEST)}\r\n\r\n".encode()
            )
            begun.sendall(REQUEST[:20])
            bidder.signal(signal.SIGTERM)
            until(lambda: fetch(f"{bidder.bid_url}/readyz")[0] == 503, "readiness failing")
            bid_of(bidder.post())
            assert fetch(f"{bidder.web_url}/readyz")[0] == 503
            assert fetch(bid["burl"].replace("${AUCTION_PRICE}", "0.01"))[0] == 204
            until(lambda: refuses_connections(bidder.bid_url), "the bid port closed")
            begun.sendall(REQUEST[20:])
            with begun.makefile("rb") as file:
                answer = file.read()
        assert answer.startswith(b"HTTP/1.1 20")  # perhaps too late for a bid, but an answer
        assert b"\r\nConnection: close\r\n" in answer
        assert bidder.exit_code() == 0
        assert bidder.log_events()[-1] == "stopped"
        assert billed(bidder) == [int(bid["id"], 16)]


def connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), int(str(address.port))), timeout=20)


def refuses_connections(url: str) -> bool:
    try:
        connected(url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_sigterm_before_it_is_ready_ends_it_in_order_too(tmp_path: Path) -> None:
    with configured(tmp_path):
        bidder = Bidder(tmp_path)
        until(bidder.workers, "a worker process")
        bidder.signal(signal.SIGTERM)
        assert bidder.exit_code() == 0
        assert bidder.out.read_text() == ""
        assert bidder.log_events()[-1] == "stopped"


def test_sighup_changes_nothing_since_edits_go_live_by_themselves(bidder: Bidder) -> None:
    processes = [bidder.control(), *bidder.workers()]
    bidder.signal(signal.SIGHUP)
    until(
        lambda: any(event.startswith("nothing to do on SIGHUP") for event in bidder.log_events()), "a line of the log"
    )
    bid_of(bidder.post())
    assert [bidder.control(), *bidder.workers()] == processes


def test_a_terminal_that_hangs_up_ends_everything_in_order(tmp_path: Path) -> None:
    ours, terminal = os.openpty()
    with configured(tmp_path):
        bidder = Bidder(tmp_path, log_to=terminal)
        try:
            bidder.wait_until_ready()
            bid = bid_of(bidder.post())
            assert fetch(bid["burl"].replace("${AUCTION_PRICE}", "0.01"))[0] == 204
            os.close(ours)
            bidder.signal(signal.SIGHUP)
            assert bidder.exit_code() == 0
            assert billed(bidder) == [int(bid["id"], 16)]
        finally:
            bidder.process.kill()
            os.close(terminal)


def test_a_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, drain_seconds=600) as bidder:
        workers = bidder.workers()
        with connected(bidder.bid_url) as begun:
            begun.sendall(b"POST /openrtb2/demo HTTP/1.1\r\nHost: bid\r\nContent-Length: 5\r\n\r\n{")
            bidder.signal(signal.SIGINT)
            until(lambda: fetch(f"{bidder.web_url}/readyz")[0] == 503, "readiness failing")
            bidder.signal(signal.SIGINT)
            assert bidder.exit_code() == 128 + signal.SIGINT
        until(lambda: not any(map(is_running, workers)), "the workers gone")


def test_everything_ends_by_itself_when_the_watchdog_is_killed_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, workers=2) as bidder:
        bid = bid_of(bidder.post())
        until(lambda: len(bidder.controls()) == 2, "one that waits to follow control")
        processes = [*bidder.controls(), *bidder.workers()]
        bidder.process.kill()
        bidder.exit_code()
        until(lambda: not any(map(is_running, processes)), "control and workers gone")
        again = Bidder(tmp_path).wait_until_ready()
        try:
            bid_of(again.post())
            url = bid["burl"].replace(bidder.web_url, again.web_url).replace("${AUCTION_PRICE}", "0.02")
            assert fetch(url)[0] == 204
            assert again.metric("bidder_money_micros") >= 20
        finally:
            again.process.kill()
            again.exit_code()


def test_control_that_is_killed_is_started_again_and_bids_resume_with_the_budget_as_it_was(tmp_path: Path) -> None:
    with serving(tmp_path, workers=2) as bidder:
        bid = bid_of(bidder.post())
        url = bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))
        assert fetch(url)[0] == 204
        first = bidder.control()
        kill(first)
        assert fetch(url)[0] == 204  # it waits in the queue of the port until there is somebody to take it
        assert bidder.control() != first
        until(lambda: answers(bidder) == 200, "bids")
        assert billed(bidder) == [int(bid["id"], 16)]
        text = fetch(f"{bidder.web_url}/metrics")[1].decode()
        assert 'bidder_notices_total{kind="bill",outcome="repeated"} 1.0' in text
        assert bidder.out.read_text().count("\n") == 2


def answers(bidder: Bidder) -> int:
    """The status of an answer; 0 while nobody answers."""
    try:
        return bidder.post()[0]
    except OSError:
        return 0


def test_a_restart_in_the_middle_of_a_bad_edit_goes_on_with_what_was_live(tmp_path: Path) -> None:
    with serving(tmp_path) as bidder:
        digest = bidder.config_status()["digest"]
        bidder.edit("campaigns/everything.toml", lambda text: text.replace("max_cpm = 500.00", "max_cpm = -1", 1))
        until(lambda: bidder.config_status()["rejected"], "the edit refused")
        kill(bidder.control())
        until(lambda: answers(bidder) == 200, "bids")
        status = bidder.config_status()
        assert (status["digest"], status["rejected"]["problems"][0]["found"]) == (digest, "-1")
