"""The Locust kit: shapes, tallies of several processes, what follows from an answer; and a whole run."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from loadtests import result
from loadtests.aftermath import Origins, calls
from loadtests.load import LOCUSTFILE
from loadtests.record import Outcome
from loadtests.shapes import SHAPES, intended
from loadtests.tally import Tally, rounded, unpack
from loadtests.target import target

ORIGINS = Origins("https://ads.example", target("http://127.0.0.1:8080/"))
HTML = '<a href="https://ads.example/click/T?to=https%3A%2F%2Fshop.example&amp;sig=S"><img src="https://ads.example/imp/T?p=${AUCTION_PRICE}"></a>'
VAST = (
    "<VAST><Ad><Impression><![CDATA[https://ads.example/imp/T?p=${AUCTION_PRICE}]]></Impression>"
    "<ClickThrough><![CDATA[ https://ads.example/click/T?to=a&sig=S ]]></ClickThrough></Ad></VAST>"
)
NATIVE = json.dumps(
    {
        "native": {
            "link": {"url": "https://ads.example/click/T?to=a&sig=S"},
            "eventtrackers": [{"event": 1, "method": 1, "url": "https://ads.example/imp/T?p=${AUCTION_PRICE}"}],
            "imptrackers": ["https://elsewhere.example/pixel"],
        }
    }
)


class Dice(Random):
    """Falls as told."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def answer(adm: str) -> bytes:
    """An answer with one bid that has all its notices."""
    base = "https://ads.example"
    bid = {"id": "b", "impid": "1", "price": 2.5, "adm": adm}
    bid |= {"nurl": f"{base}/win/T?p=${{AUCTION_PRICE}}", "burl": f"{base}/bill/T?p=${{AUCTION_PRICE}}"}
    bid["lurl"] = f"{base}/loss/T?r=${{AUCTION_LOSS}}&m=${{AUCTION_MIN_TO_WIN}}&p=${{AUCTION_PRICE}}"
    return json.dumps({"id": "r", "seatbid": [{"bid": [bid]}]}).encode()


@pytest.mark.parametrize("adm", [HTML, VAST, NATIVE])
def test_a_win_is_told_billed_shown_and_clicked_at_the_web_port_of_this_machine(adm: str) -> None:
    made = {call.kind: call.url for call in calls(answer(adm), ORIGINS, Dice(0.0))}
    here = "http://127.0.0.1:8080"
    assert made.pop("click").startswith(f"{here}/click/T?to=")
    assert made == {
        "win": f"{here}/win/T?p=2.5",
        "billing": f"{here}/bill/T?p=2.5",
        "impression": f"{here}/imp/T?p=2.5",
    }


def test_a_loss_is_told_with_its_reason_and_nothing_is_shown() -> None:
    (made,) = calls(answer(HTML), ORIGINS, Dice(0.99))
    assert made == ("loss", "http://127.0.0.1:8080/loss/T?r=102&m=2.7500&p=2.5")


def test_other_hosts_are_never_called() -> None:
    assert ORIGINS.local("https://cdn.example/a.png") is None
    assert ORIGINS.local("http://ads.example/win/T") is None


@pytest.mark.parametrize(("shape", "share"), [("ramp", 0.55), ("spike", 0.65), ("soak", 0.7), ("overload", 5 / 3)])
def test_a_shape_intends_as_many_requests_as_its_area(shape: str, share: float) -> None:
    assert intended(SHAPES[shape], 100, 60) == pytest.approx(share * 6000, rel=0.01)


def test_tallies_of_two_processes_add_up_over_the_wire() -> None:
    one, two = Tally(), Tally()
    for _ in range(99):
        one.add(1000.2, Outcome.BID, 0.001, 100)
    two.add(1000.9, Outcome.BID, 0.2, 100)
    two.add(1001.1, Outcome.TIMED_OUT, 2.0, 100)
    two.check("r", ["no seatbid"])
    one.merge(unpack(two.pack()))
    assert one.requests == 101
    assert one.outcomes() == {"bid": 100, "timed_out": 1}
    assert one.late == 1
    accepted = one.accepted()
    assert accepted is not None
    assert (accepted.p50, accepted.count) == (1000, 100)
    assert accepted.max == pytest.approx(200_000, rel=0.01)
    assert [(moment.second, moment.due, moment.errors) for moment in one.series()] == [(0, 100, 0), (1, 1, 1)]
    assert (one.checked, one.invalid, one.examples) == (1, 1, ["r: no seatbid"])


def test_latencies_keep_three_digits() -> None:
    assert [rounded(us) for us in (0.2, 7, 999, 1234, 98_765)] == [1, 7, 999, 1230, 98_700]


def test_locust_refuses_another_machine() -> None:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--bid-url=http://203.0.113.9/"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert "is not on this machine" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("generators", [[], ["--generators=1"]], ids=["alone", "master and worker"])
def test_a_run_leaves_its_reports_and_every_notice_is_acknowledged(generators: list[str], tmp_path: Path) -> None:
    # what a busy machine does to latency is not looked at: its gates are set so that they always pass
    wide = ["--p99-ms=60000", "--late-share=1"]
    command = [
        sys.executable,
        "-m",
        "loadtests",
        "load",
        "--rate=60",
        "--seconds=10",
        "--shape=soak",
        f"--out={tmp_path}",
    ]
    ended = subprocess.run([*command, *wide, *generators], capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    run = result.read(tmp_path / "run.json")
    assert run.sent > 200
    assert run.checked > 0
    assert run.invalid == 0
    assert {name.partition(" ")[0] for name in run.notices} >= {"win", "billing", "loss", "impression"}
    assert not [name for name in run.notices if "failed" in name]
    assert "<svg" in (tmp_path / "run.html").read_text()
    assert "http" in (tmp_path / "locust.html").read_text()
    with (tmp_path / "locust_stats.csv").open() as file:
        medians = [row["50%"] for row in csv.DictReader(file)]
    assert any("." in median for median in medians)  # finer than milliseconds
