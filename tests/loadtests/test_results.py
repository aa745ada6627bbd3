"""Comparison, pages, charts, goodput and soak: what is made of figures that are known."""

from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from loadtests import compare, flatness, goodput, lateness, page, result
from loadtests.__main__ import main
from loadtests.chart import Axis, bars, lines, ticks
from loadtests.goodput import MOST_STEPS, Step
from loadtests.histogram import Percentiles
from loadtests.record import Outcome, Record
from loadtests.result import Machine, Moment, Run, Usage
from loadtests.target import target
from loadtests.template import Magazine, Shot, template
from loadtests.wire import Answer

MACHINE = Machine("abc", 2, "3.11", "Linux", 0.1, "2026-01-01T00:00:00Z")
MS = 1000


def run(p99_ms: float = 20.0, **changes: object) -> Run:
    """A good run with that p99, and changes."""
    spread = Percentiles(1000, 5.0 * MS, 4 * MS, 10 * MS, int(p99_ms * MS), int(p99_ms * MS * 2), int(p99_ms * MS * 3))
    made = Run(
        kind="openloop",
        url="http://127.0.0.1/",
        profile="mixed",
        arrivals="constant",
        seconds=10,
        asked_rate=100,
        achieved_rate=100,
        planned=1000,
        sent=1000,
        machine=MACHINE,
        outcomes={"bid": 800, "no_bid": 200},
        latency_us=spread,
        accepted_us=spread,
        series=[Moment(second, 100, 99, 1, 0, 0, 4 * MS, 10 * MS, 20 * MS, 30 * MS) for second in range(10)],
    )
    return msgspec.structs.replace(made, **changes)


def verdicts(a: Run, b: Run) -> dict[str, str]:
    """By metric."""
    return {row[0]: row[-1] for row in compare.rows(a, b, 0.1)}


def test_nothing_follows_from_a_bid_that_comes_later_than_the_exchange_waits() -> None:
    followed: list[bytes] = []
    record = Record(check_every=1, follow=followed.append)
    shot = Magazine([template({"id": "1", "imp": [{"id": "1"}], "tmax": 100}, target("http://127.0.0.1/"))], 1).shot(0)
    for body, latency_s in ((b"in time", 0.1), (b"late", 0.101)):
        record.answered(shot, Answer(200, "", body, keeps_open=True), 0.0, latency_s)
    assert followed == [b"in time"]
    assert [sample.body for sample in record.samples] == [b"in time", b"late"], "both are judged"


def test_a_run_against_itself_is_the_same_in_everything() -> None:
    assert set(verdicts(run(), run()).values()) == {"same"}


def test_each_metric_has_its_own_verdict_and_its_own_direction() -> None:
    other = run(p99_ms=40, achieved_rate=150, outcomes={"bid": 500, "no_bid": 400, "timed_out": 100}, late=0)
    found = verdicts(run(late=100), other)
    assert found["decided p99"] == "worse"
    assert found["decided p50"] == "same"
    assert found["achieved rate"] == "better"
    assert found["error share"] == "worse"
    assert found["late share"] == "better"
    assert found["bid share"] == "worse"


def test_what_one_run_does_not_tell_cannot_be_compared() -> None:
    refused = run(refusal="asked for more", latency_us=None, accepted_us=None)
    assert verdicts(run(), refused)["decided p99"] == "not comparable"


def test_the_command_ends_with_1_where_something_got_worse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, made in (("a", run()), ("b", run(p99_ms=60, asked_rate=200))):
        result.write(made, tmp_path / f"{name}.json")
    a, b, out = (str(tmp_path / name) for name in ("a.json", "b.json", "c.html"))
    assert main(["compare", a, a]) == 0
    assert main(["compare", a, b, "--out", out]) == 1
    shown = capsys.readouterr().out
    assert "not the same traffic: asked rate: 100/s and 200/s" in shown
    assert "worse" in Path(out).read_text()
    assert main(["compare", a, str(tmp_path / "none.json")]) == 2


def test_a_page_is_whole_and_needs_nothing_else() -> None:
    usage = [Usage(float(second), 100 << 20, 40, 1.0) for second in range(10)]
    made = page.page(run(usage=usage, reasons={"below_floor": 200}, examples=["<script>alert(1)</script>"]))
    assert made.count("<svg") == 5
    assert "<script" not in made
    assert "src=" not in made
    assert "&lt;script&gt;" in made


def test_the_page_of_a_refused_run_tells_no_latency() -> None:
    made = page.page(run(refusal="asked for 400 requests/s, sent 10/s", latency_us=None, accepted_us=None, series=[]))
    assert "No latency is told: asked for 400" in made
    assert "<svg" not in made


def test_charts_are_well_formed_whatever_the_numbers() -> None:
    for points in ([(0.0, 0.0)], [(1.0, 5.0), (2.0, 5.0)], [(0.0, 1e-6), (1e6, 1e9)]):
        drawing = lines({"<a>": points}, Axis("x"), Axis("y"), ("level", 3.0))
        ET.fromstring(drawing[drawing.index("<svg") :])  # noqa: S314 - made here
    ET.fromstring(bars({"a & b": 0.0, "c": 12.0}))  # noqa: S314 - made here
    assert lines({}, Axis("x"), Axis("y")) == bars({}) == ""


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0, 10, [0, 2, 4, 6, 8, 10]), (0, 0.3, [0, 0.1, 0.2, 0.3]), (5, 5, [5, 6])]
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high)[0] <= low
    assert ticks(low, high)[-1] >= high
    assert len(ticks(low, high)) == len(expected)


def step(offered: float, goodput_: float | None) -> Step:
    """A step of a sweep."""
    return Step(offered, offered, goodput_, 0.0, 1000, 0.0, 0, None if goodput_ is not None else "the sender lagged")


def test_a_sweep_finds_the_peak_of_a_server_that_sheds_and_offers_three_and_ten_times_as_much() -> None:
    steps = goodput.sweep(lambda rate: step(rate, min(rate, 1000.0)), 250)
    assert goodput.peak(steps) == 1000
    assert [each.offered for each in steps[-2:]] == [3000, 10_000]
    assert len(steps) <= MOST_STEPS + 4


def test_a_sweep_of_a_server_that_collapses_finds_the_peak_before() -> None:
    steps = goodput.sweep(lambda rate: step(rate, rate if rate <= 700 else 10.0), 250)
    assert 600 < goodput.peak(steps) <= 700


def test_a_sweep_ends_where_the_sender_can_do_no_more() -> None:
    steps = goodput.sweep(lambda rate: step(rate, rate if rate < 400 else None), 250)
    assert goodput.peak(steps) < 400
    assert steps[-1].goodput is None


def test_a_step_that_the_sender_could_not_make_is_tried_once_more() -> None:
    offered: list[float] = []

    def offer(rate: float) -> Step:
        offered.append(rate)
        return step(rate, min(rate, 1000.0) if offered.count(rate) > 1 else None)

    steps = goodput.sweep(offer, 250)
    assert goodput.peak(steps) == 1000.0
    assert len(offered) == 2 * len(steps)


def test_a_sweep_is_bounded_for_a_server_without_bounds() -> None:
    assert len(goodput.sweep(lambda rate: step(rate, rate), 1)) <= MOST_STEPS + 4


def test_a_step_counts_as_goodput_what_decided_in_time() -> None:
    record = Record()
    for outcome, latency_s in (
        (Outcome.BID, 0.05),
        (Outcome.BID, 0.15),
        (Outcome.TURNED_AWAY, 0.01),
        (Outcome.NO_BID, 0.1),
    ):
        record.ended(shot(), outcome, 0.0, latency_s)
    found = goodput.step_of(run(seconds=1, outcomes={"turned_away": 1}), record, 5)
    assert (found.goodput, found.turned_away, found.late_share) == (2.0, 1.0, pytest.approx(1 / 3, abs=1e-5))


def test_a_step_that_the_sender_could_not_make_has_no_goodput() -> None:
    lagging = Percentiles(10, 50_000.0, 50_000, 50_000, 50_000, 50_000, 50_000)
    found = goodput.step_of(run(send_lag_us=lagging), Record(), 5)
    assert found.goodput is None
    assert found.refusal == "the sender lagged by 50.0 ms at p99: lateness may be its own"


def shot() -> Shot:
    """A request with a deadline of 100 ms."""
    made = template({"id": "1", "imp": [], "tmax": 100}, target("http://127.0.0.1/"))
    return Magazine([made], 1).shot(0)


def usage(rss: list[int], descriptors: int = 40) -> list[Usage]:
    """Memory over time, in MiB."""
    return [Usage(float(at), mib << 20, descriptors + (at == len(rss) - 1), 1.0) for at, mib in enumerate(rss)]


def test_memory_that_grows_after_the_warm_up_is_found_and_growth_before_is_not() -> None:
    warm = [gate.passed for gate in flatness.gates(usage([50, 80, 100, 100, 100, 100, 101, 100]))]
    leaking = [gate.passed for gate in flatness.gates(usage([100, 100, 110, 120, 130, 140, 150, 160]))]
    assert warm == [True, True]
    assert leaking == [False, True]


def test_a_soak_too_short_to_judge_does_not_pass() -> None:
    assert [gate.passed for gate in flatness.gates(usage([100, 100]))] == [False]


def test_a_late_answer_is_explained_only_by_a_sender_that_lagged_or_a_bidder_without_a_processor() -> None:
    record = Record()
    for due_s in (1.5, 2.5, 3.5):
        record.ended(shot(), Outcome.BID, due_s, 0.2)
    record.ended(shot(), Outcome.BID, 4.5, 0.05)
    record.sent_at_once(2.4, 0.02)
    record.sent_at_once(3.4, 0.0001)
    assert lateness.unexplained(record, set()) == 2
    assert lateness.unexplained(record, {1}) == 1


def test_a_bidder_is_starved_in_the_seconds_around_a_wait_for_a_processor() -> None:
    waits = [0.0, 0.01, 0.02, 0.12, 0.13, 0.13]
    usage_ = [Usage(float(second), 1, 1, 1.0, waited) for second, waited in enumerate(waits)]
    assert lateness.starved(usage_) == {1, 2, 3, 4}


@pytest.mark.slow
def test_a_short_soak_edits_swaps_tells_notices_and_leaves_its_result(tmp_path: Path) -> None:
    main(["soak", "--minutes=0.4", "--rate=50", f"--out={tmp_path / 'soak.json'}"])
    found = result.read(tmp_path / "soak.json")
    gates = {gate.name: gate.passed for gate in found.gates}
    assert found.edits > 0
    assert found.swaps > 0
    assert found.notices["billing acknowledged"] > 0
    assert gates["refused_edits_and_models"]
    assert gates["invalid"]
    assert gates["notices_failed"]


def test_a_page_says_of_each_gate_what_it_measures_and_on_which_side_the_limit_is() -> None:
    gates = [result.Gate("p99_ms", 9.0, 10.0, passed=True), result.Gate("goodput_at_3x", 0.97, 0.9, passed=True)]
    made = page.page(run(gates=gates))
    assert "p99 of answers that decided, ms" in made
    assert "at most 10" in made
    assert "at least 0.9" in made
