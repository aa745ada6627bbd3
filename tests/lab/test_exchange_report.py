"""The totals for people and programs, and the command line."""

import argparse
import io
import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

from bidder.lab.exchange.command import USAGE_ERROR, add_arguments, run, settings_from
from bidder.lab.exchange.exchange import Settings
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.reasons import read_reasons
from bidder.lab.exchange.report import progress, summary
from bidder.lab.exchange.tally import Latency, Tally
from bidder.lab.exchange.view import screen

MAPPING = "https://ads.example=http://127.0.0.1:8080"
URL = "http://127.0.0.1:8000/openrtb2/demo"


def tally() -> Tally:
    """A run with a bit of everything."""
    counted = Tally(sent=100, sending_s=0.99, bids=60, bid_answers=50, wins=20, clicks=1)
    counted.statuses.update({200: 60, 204: 40})
    counted.losses["lost_to_higher_bid"] = 40
    for _ in range(10):
        counted.billed("USD", 2_345_678)
    counted.notices[Kind.WIN].due = counted.notices[Kind.WIN].acknowledged = 20
    return counted


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["--url", URL, *words])


def text_of(counted: Tally) -> str:
    return "\n".join(summary(counted, 1.0))


def test_the_summary_tells_rates_money_and_notices() -> None:
    text = text_of(tally())
    for line in (
        "requests                100, 100/s",
        "answers                 HTTP 200 60, HTTP 204 40",
        "bids                    60, bid rate 50.0 %",
        "wins                    20, win rate 33.3 %",
        "spend                   0.0235 USD",
        "CPM                     2.346 USD",
        "clicks                  1, CTR 10.00 %",
        "lost                    lost_to_higher_bid 40",
        "Clean: 20 notices due, each acknowledged; no invalid answer, no server error.",
    ):
        assert line in text


def test_spend_is_whole_micros_of_exact_sums() -> None:
    assert tally().spend_micros("USD") == 23_456


@pytest.mark.parametrize("spoil", ["invalid", "failed", "abandoned", "server error", "refused", "unreached"])
def test_a_run_with_a_flaw_is_not_clean(spoil: str) -> None:
    counted = tally()
    account = counted.notices[Kind.BILLING]
    match spoil:
        case "invalid":
            counted.invalid = 1
        case "failed":
            account.due, account.failed = 1, Counter({"500 Internal Server Error": 1})
        case "abandoned":
            account.due = account.abandoned = 1
        case "server error":
            counted.statuses[503] = 1
        case "refused":
            counted.statuses[404] = 1
        case _:
            counted.unanswered["ClientConnectorError"] = 1
    assert not counted.is_clean
    assert "Not clean: " in text_of(counted)


def test_a_late_or_missing_answer_is_a_timeout_and_no_flaw() -> None:
    counted = tally()
    assert not counted.answered(200, latency_ms=200.5, tmax_ms=200)
    counted.unanswered["timeout"] += 1
    assert counted.timeouts == 2
    assert counted.is_clean


def test_an_answer_just_in_time_is_in_time() -> None:
    assert Tally().answered(200, latency_ms=200.0, tmax_ms=200)


def test_failed_notices_are_named_with_their_cause() -> None:
    counted = tally()
    counted.notices[Kind.LOSS].failed["403 Forbidden"] = 3
    assert "loss: 403 Forbidden 3" in text_of(counted)


def test_the_totals_are_json() -> None:
    totals = json.loads(json.dumps(tally().as_json()))
    assert totals["sent"] == 100
    assert totals["statuses"] == {"200": 60, "204": 40}
    assert totals["spend_micros"] == {"USD": 23_456}
    assert totals["notices"]["win"]["acknowledged"] == 20
    assert totals["clean"] is True


def test_an_empty_run_can_be_told_too() -> None:
    assert "bids                    0, bid rate none" in text_of(Tally())
    assert progress(Tally(), 0.0).split()[:4] == ["0", "s", "0", "requests"]


def test_the_screen_shows_figures_notices_and_reasons() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(screen(tally(), 1.0, Counter({"no_match (bids)": 7})))
    shown = console.export_text()
    assert "win rate 33.3 %" in shown
    assert "no_match (bids)" in shown


@pytest.mark.parametrize("percent", [1, 50, 99, 100])
def test_percentiles_are_right_to_two_percent(percent: int) -> None:
    latency = Latency()
    for milliseconds in range(1, 1001):
        latency.add(float(milliseconds))
    assert latency.percentile(percent) == pytest.approx(percent * 10, rel=0.021)


def test_reasons_are_read_from_a_prometheus_page_and_summed_over_other_labels() -> None:
    page = (
        "# HELP no_bids_total Why not.\n# TYPE no_bids_total counter\n"
        'no_bids_total{reason="floor",exchange="a"} 3.0\n'
        'no_bids_total{exchange="b",reason="floor"} 4\n'
        'no_bids_total{reason="geo"} 1.2e+03\n'
        'other_total{why="floor"} 9\nplain 1\n'
    )
    assert read_reasons(page) == {"floor (no_bids_total)": 7, "geo (no_bids_total)": 1200}


def test_options_become_settings() -> None:
    words = "--seed 9 --rate 50 --seconds 2 --auction second --competition 0.4 --run x- --requests 30 --patience 4"
    words += f" --map {MAPPING}"
    assert settings_from(options(*words.split())) == Settings(
        url=URL,
        seed=9,
        rate=50.0,
        seconds=2.0,
        requests=30,
        at=2,
        competition=0.4,
        origins={"https://ads.example": "http://127.0.0.1:8080"},
        run="x-",
        patience=4.0,
    )


def test_the_count_is_what_is_due_in_the_time() -> None:
    assert settings_from(options("--rate", "50", "--seconds", "2.5")).count == 125


def test_two_runs_get_ids_of_their_own_unless_told() -> None:
    assert settings_from(options()).run
    assert settings_from(options("--run", "")).run == ""


@pytest.mark.parametrize(
    "words",
    [
        "--rate 0",
        "--rate fast",
        "--seconds -1",
        "--seconds nan",
        "--competition 1.1",
        "--seed -1",
        "--seed x",
        "--map here",
        "--auction third",
        "--requests 1.5",
        "--in-flight 0",
    ],
)
def test_a_wrong_option_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*words.split())
    assert words.split(maxsplit=1)[0] in capsys.readouterr().err


def test_a_bidder_elsewhere_is_refused_with_the_url(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(options("--url", "http://bidder.example/bid")) == USAGE_ERROR
    assert "'http://bidder.example/bid' is not on this machine" in capsys.readouterr().err


def test_a_run_where_nobody_bids_fails_and_writes_its_totals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    totals = tmp_path / "totals.json"
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        words = f"--url http://127.0.0.1:{server.server_port}/bid --requests 3 --rate 1000 --plain --json {totals}"
        code = run(options(*words.split()))
        server.shutdown()
    assert code == 1
    assert "Not clean: " in capsys.readouterr().out
    found = json.loads(totals.read_text())
    assert (found["sent"], found["statuses"], found["server_errors"]) == (3, {"501": 3}, 3)
