"""`python -m openrtb check`: what it reads, what it prints, how it ends."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrtb.__main__ import main
from openrtb.check import Body, Checked, read_bodies
from openrtb.codec import MAX_BYTES
from openrtb.report import FORMATS, Progress, Summary, text_body
from openrtb.validate import Finding
from tests import shared

GOLDEN = Path(__file__).parent / "golden"

Write = Callable[..., str]
Json = dict[str, Any]


def a_request(**changes: Any) -> Json:
    """A request without findings; `changes` replace its attributes."""
    banner = {"format": [{"w": 300, "h": 250}]}
    imp = {"id": "1", "banner": banner, "bidfloor": 0.5, "secure": 1}
    site = {"domain": "news.example", "page": "https://news.example/a"}
    return {"id": "r-1", "imp": [imp], "site": site, "cur": ["USD"], "tmax": 120, "at": 1} | changes


def a_bid(**changes: Any) -> Json:
    """A bid on the imp of `a_request` without findings."""
    return {
        "id": "b-1",
        "impid": "1",
        "price": 1.25,
        "adm": '<img src="https://ads.example/i?p=${AUCTION_PRICE}" width="300" height="250">',
        "adomain": ["shop.example"],
        "crid": "c-1",
        "cid": "k-1",
        "mtype": 1,
        "w": 300,
        "h": 250,
    } | changes


def a_response(*bids: Json, **changes: Any) -> Json:
    """A response without findings to `a_request`, with `bids` or one bid that is right."""
    return {"id": "r-1", "seatbid": [{"seat": "s-1", "bid": list(bids or [a_bid()])}], "cur": "USD"} | changes


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes bodies, one a line (JSON for objects, as they are for text), and returns the path."""

    def write(*bodies: Json | str, name: str = "bodies.ndjson") -> str:
        lines = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        text = "".join(line + "\n" for line in lines).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return str(path)

    return write


REQUESTS: list[Json | str] = [
    a_request(),
    a_request(id="r-2", imp=[*a_request()["imp"] * 2], cur=["usd"]),
    "",
    '{"id": "r-3", "imp": [{"id": "1", "banner": [}]}',
    a_request(id="r-4", imp=[]),
    a_request(id="r-5", imp=[{"id": "1", "banner": {"w": "wide"}}]),
]

RESPONSES: list[Json | str] = [
    a_response(),
    a_response(a_bid(impid="2"), a_bid(id="b-2", price=0.1), id="r-9"),
    a_response(a_bid(nurl="https://w.example/n?p=${auction_price}", crid=None)),
    "[]",
]


# What it finds


def verdicts(printed: str) -> list[tuple[int, str | None, list[tuple[str, str]]]]:
    """Line, id and (rule, path) of each finding, of a report in JSON without its summary."""
    bodies = [json.loads(line) for line in printed.splitlines()[:-1]]
    return [(body["line"], body["id"], [(f["rule"], f["path"]) for f in body["findings"]]) for body in bodies]


def test_each_request_gets_its_findings_with_line_and_id(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", write(*REQUESTS)]) == 1
    assert verdicts(capsys.readouterr().out) == [
        (1, "r-1", []),
        (2, "r-2", [("currency-code", "$.cur[0]"), ("imp-id-unique", "$.imp[1].id")]),
        (4, None, [("decode", "$")]),
        (5, "r-4", [("req-imp-min-one", "$.imp")]),
        (6, None, [("decode", "$.imp[0].banner.w")]),
    ]


def test_each_response_gets_its_findings_with_line_and_id(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    request = write(a_request(), name="request.json")
    assert main(["check", "--response", "--request", request, "--format", "json", write(*RESPONSES)]) == 1
    bid = "$.seatbid[0].bid"
    assert verdicts(capsys.readouterr().out) == [
        (1, "r-1", []),
        (2, "r-9", [("resp-id", "$.id"), ("bid-impid", f"{bid}[0].impid"), ("imp-floor", f"{bid}[1].price")]),
        (3, "r-1", [("bid-crid", f"{bid}[0].crid"), ("macro-spelling", f"{bid}[0].nurl")]),
        (4, None, [("decode", "$")]),
    ]


# What it prints


VERDICTS = [
    Checked(1, "r-1", []),
    Checked(
        2,
        "r-2",
        [
            Finding("currency-code", "$.cur[0]", "warning", 'found "usd", right is "USD"'),
            Finding("imp-id-unique", "$.imp[1].id", "error", '"1" is also the id of imp[0]'),
        ],
    ),
    Checked(4, None, [Finding("decode", "$.imp[0].banner.w", "error", 'expected an integer, found "wide"')]),
    Checked(5, "r-4", [Finding("imp-id-unique", f"$.imp[{n}].id", "error", "it is the same") for n in (1, 2)]),
    Checked(6, "caf\u00e9", [Finding("currency-rate-unknown", "$.price", "info", "1 \u20ac was not compared")]),
]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_report_is_the_golden_one(form: str) -> None:
    summary = Summary("request")
    written = ""
    for checked in VERDICTS:
        summary.add(checked)
        written += FORMATS[form].body(checked)
    assert written + FORMATS[form].summary(summary) == (GOLDEN / f"check-report.{form}").read_text(encoding="utf-8")


def test_the_help_is_the_golden_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit, match="0"):
        main(["check", "--help"])
    assert capsys.readouterr().out == (GOLDEN / "check-help.text").read_text()


def test_text_names_no_body_that_is_right(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(a_request(), a_request(id="r-2"))]) == 0
    assert capsys.readouterr().out == "2 requests checked, no findings\n"


def test_what_could_move_the_cursor_is_printed_escaped() -> None:
    finding = Finding("decode", "$.\n", "error", "found \x1b[2J\u202e, not \u00e9")
    assert text_body(Checked(7, "\x1b\n", [finding])) == (
        'line 7, id "\\u001b\\n": 1 error\n  error    decode  $.\\n\n           found \\x1b[2J\\u202e, not \u00e9\n\n'
    )


# How it ends


def test_warnings_alone_are_success(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(a_request(cur=["usd"]))]) == 0
    assert "1 request checked, 1 with findings: 1 warning\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ([], "COMMAND"),
        (["check"], "FILE"),
        (["check", "--response", "x"], "--response needs --request"),
        (["check", "--request", "x", "x"], "--request needs --response"),
        (["check", "--response", "--request", "-", "-"], "both standard input"),
        (["check", "--max-bytes", "0", "x"], "above 0, found '0'"),
        (["check", "--format", "xml", "x"], "--format"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    argv: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(argv)
    assert complaint in capsys.readouterr().err


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.json")
    assert main(["check", missing]) == 2
    assert capsys.readouterr() == ("", f"openrtb check: {missing}: No such file or directory\n")


def test_a_file_without_a_body_ends_with_2(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    empty = write("", "  ")
    assert main(["check", empty]) == 2
    assert capsys.readouterr() == ("", f"openrtb check: {empty} holds nothing to check\n")


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b'{"id":"1"}' * 99)[:-9], b"\x1f\x8b\x08\0\0\0\0\0\0\xff!"],
    ids=["no gzip at all", "cut short", "wrong inside"],
)
def test_a_damaged_gzip_file_ends_with_2(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(content)
    assert main(["check", str(damaged)]) == 2
    assert f"openrtb check: {damaged}: " in capsys.readouterr().err


# What it reads


def test_a_body_spread_over_lines_is_one_body(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pretty = tmp_path / "request.json"
    pretty.write_text("\n" + json.dumps(a_request(), indent=2) + "\n\n")
    assert main(["check", str(pretty)]) == 0
    assert capsys.readouterr().out == "1 request checked, no findings\n"


def test_a_gzip_file_is_read_by_its_name(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write(a_request(), name="bodies.ndjson.gz")]) == 0
    assert capsys.readouterr().out == "1 request checked, no findings\n"


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(a_request()).encode())))
    assert main(["check", "-"]) == 0
    assert capsys.readouterr().out == "1 request checked, no findings\n"


def test_a_body_beyond_the_limit_is_an_error_and_the_next_is_still_checked(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    long = a_request(id="x" * 600_000)
    assert main(["check", "--format", "json", write(long, a_request())]) == 1
    first, second, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["id"], first["findings"]) == (
        None,
        [
            {
                "rule": "decode",
                "path": "$",
                "severity": "error",
                "message": f"expected at most {MAX_BYTES} bytes, found {len(json.dumps(long))}",
            }
        ],
    )
    assert (second["line"], second["findings"]) == (2, [])


def test_a_request_larger_than_max_bytes_is_an_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    size = len(json.dumps(a_request()))
    assert main(["check", "--max-bytes", str(size), write(a_request())]) == 0
    assert main(["check", "--max-bytes", str(size - 1), write(a_request())]) == 1
    assert f"expected at most {size - 1} bytes, found {size}" in capsys.readouterr().out


def test_a_limit_above_the_usual_one_lets_larger_bodies_in(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    long = a_request(ext={"padding": "x" * 600_000})
    assert main(["check", "--max-bytes", "700000", write(long)]) == 0
    assert capsys.readouterr().out == "1 request checked, no findings\n"


def test_lines_are_numbered_as_in_the_file_and_line_ends_do_not_count() -> None:
    file = io.BytesIO(b'\r\n{"id":"1"}\r\n\n  {"id":"2"}\n{"id":"3"}')
    assert list(read_bodies(file)) == [
        Body(2, b'{"id":"1"}', 10),
        Body(4, b'  {"id":"2"}', 12),
        Body(5, b'{"id":"3"}', 10),
    ]


class CountingFile(io.BytesIO):
    """Remembers the most bytes that one call asked for."""

    most = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.most = max(self.most, 2**63 if size in {None, -1} else size or 0)
        return super().readline(size)

    def read(self, size: int | None = -1, /) -> bytes:
        self.most = max(self.most, 2**63 if size in {None, -1} else size or 0)
        return super().read(size)


@pytest.mark.parametrize("start", [b"x", b"{\n"])
def test_no_line_and_no_file_is_held_beyond_the_limit(start: bytes) -> None:
    file = CountingFile(start + b"y" * 1_000_000)
    [body] = read_bodies(file, max_bytes=100_000)
    assert body.size == len(start) + 1_000_000
    assert len(body.data) < 110_000
    assert file.most < 110_000


# Responses


def test_each_response_is_checked_against_its_own_request(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    requests = write(a_request(), "", a_request(id="r-2"), name="requests.ndjson")
    responses = write(a_response(), a_response(id="r-2"), name="responses.ndjson")
    assert main(["check", "--response", "--request", requests, responses]) == 0
    assert capsys.readouterr().out == "2 responses checked, no findings\n"


@pytest.mark.parametrize(("requests", "complaint"), [(2, "more responses than requests"), (4, "more requests than")])
def test_another_number_of_requests_than_of_responses_ends_with_2(
    requests: int, complaint: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    request_file = write(*[a_request()] * requests, name="requests.ndjson")
    assert main(["check", "--response", "--request", request_file, write(*[a_response()] * 3)]) == 2
    assert complaint in capsys.readouterr().err


def test_a_request_that_cannot_be_read_ends_with_2(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    request = write("", "[]", name="request.json")
    assert main(["check", "--response", "--request", request, write(a_response())]) == 2
    assert "the request on line 2 cannot be read: $: " in capsys.readouterr().err


def test_a_response_larger_than_max_bytes_is_reported_beside_its_other_findings(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    request = write(a_request(), name="request.json")
    response = write(a_response(a_bid(impid="2")))
    assert main(["check", "--response", "--request", request, "--max-bytes", "100", response]) == 1
    printed = capsys.readouterr().out
    assert "response-size" in printed
    assert "$.seatbid[0].bid[0].impid" in printed


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_counts_in_thousands_and_clears_itself() -> None:
    terminal = Terminal()
    progress = Progress(terminal, position=lambda: 30, size=120)
    for _ in range(2500):
        progress.step()
    progress.hide()
    progress.hide()
    assert terminal.getvalue() == "\r1,000 checked, 25 %\r2,000 checked, 25 %\r\033[K"


def test_progress_of_unknown_size_tells_no_share() -> None:
    terminal = Terminal()
    progress = Progress(terminal, position=lambda: 30, size=0)
    for _ in range(1000):
        progress.step()
    assert terminal.getvalue() == "\r1,000 checked"


def test_progress_writes_nothing_where_there_is_no_terminal() -> None:
    log = io.StringIO()
    progress = Progress(log, position=lambda: 30, size=120)
    for _ in range(1000):
        progress.step()
    progress.hide()
    assert log.getvalue() == ""


# The whole


def test_the_module_runs_as_a_command(write: Write) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "openrtb", "check", write(a_request())], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "1 request checked, no findings\n", "")


def test_an_interruption_ends_it_quietly_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(io.BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted()))
    assert main(["check", "-"]) == 130
    assert capsys.readouterr() == ("", "")


def run_into(stdout: int, file: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with its standard output going to an open file descriptor, which is then closed."""
    try:
        command = [sys.executable, "-m", "openrtb", "check", file]
        return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(stdout)


def test_a_reader_who_leaves_early_ends_it_quietly_with_2(write: Write) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = run_into(writing, write(a_request()))
    assert (run.returncode, run.stderr) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a file that is always full")
def test_a_report_that_cannot_be_written_ends_with_2(write: Write) -> None:
    run = run_into(os.open("/dev/full", os.O_WRONLY), write(a_request()))
    assert (run.returncode, run.stderr) == (2, "openrtb check: cannot write the report: No space left on device\n")


def test_every_request_of_the_corpus_gets_a_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bodies = [
        body
        for record, body in shared.corpus_bodies("requests")
        if record["kind"] == "request" and body.strip() and b"\n" not in body
    ]
    file = tmp_path / "corpus.ndjson"
    file.write_bytes(b"\n".join(bodies))
    assert main(["check", "--format", "json", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(bodies) + 1
    assert json.loads(lines[-1])["summary"]["bodies"] == len(bodies) > 2000
