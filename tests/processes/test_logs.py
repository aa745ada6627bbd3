"""Logs: structured lines for programs, also of what libraries log and of what ends a process."""

import json
import os
import select
import subprocess
import sys
from contextlib import suppress

from tests.processes.served import PATIENCE_SECONDS

CONFIGURED = "from bidder.processes.logs import configure_logs; configure_logs('control'); "


def logged(code: str) -> list[dict[str, object]]:
    """The lines that a process writes which does this."""
    ended = subprocess.run(
        [sys.executable, "-c", CONFIGURED + code], capture_output=True, timeout=PATIENCE_SECONDS, check=False
    )
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_line_says_what_happened_when_how_bad_and_in_which_process() -> None:
    (line,) = logged("import structlog; structlog.get_logger().info('ready', workers=2)")
    assert line.pop("timestamp")
    assert line == {"event": "ready", "workers": 2, "level": "info", "process": "control"}


def test_a_log_that_nobody_reads_keeps_nobody_waiting() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"\n" * select.PIPE_BUF)
    os.set_blocking(writing, True)
    code = (
        "import structlog; structlog.get_logger().info('ready'); import logging; logging.getLogger('other').error('oh')"
    )
    try:
        ended = subprocess.run(
            [sys.executable, "-c", CONFIGURED + code], stderr=writing, timeout=PATIENCE_SECONDS, check=False
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert ended.returncode == 0


def test_a_log_that_nobody_can_read_any_more_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = "import structlog; structlog.get_logger().info('ready')"
    ended = subprocess.run(
        [sys.executable, "-c", CONFIGURED + code], stderr=writing, timeout=PATIENCE_SECONDS, check=False
    )
    os.close(writing)
    assert ended.returncode == 0


def test_what_libraries_log_has_the_same_form() -> None:
    (line,) = logged("import logging; logging.getLogger('aiohttp.server').error('broken %s', 'pipe')")
    assert (line["event"], line["level"], line["process"]) == ("broken pipe", "error", "control")


def test_what_strangers_send_that_is_no_http_is_no_line() -> None:
    code = (
        "import logging; from aiohttp.http_exceptions import BadHttpMessage\n"
        "try: raise BadHttpMessage('noise')\n"
        "except BadHttpMessage: logging.getLogger('aiohttp.server').exception('Error handling request')"
    )
    assert logged(code) == []


def test_what_ends_a_process_is_one_line_with_its_cause() -> None:
    (line,) = logged("1 / 0")
    assert (line["event"], line["level"]) == ("a fault ended the process", "critical")
    assert "ZeroDivisionError" in json.dumps(line["exception"])


def test_no_line_tells_the_values_of_variables_since_secrets_are_among_them() -> None:
    (line,) = logged("\ndef sign(key):\n    1 / 0\nsign('0123456789' + 'abcdef')")
    assert "sign" in json.dumps(line)
    assert "0123456789abcdef" not in json.dumps(line)
