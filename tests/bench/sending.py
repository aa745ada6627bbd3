"""Driving a server as hard as it goes, or at a rate: with wrk where it is installed, else with our own sender."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import orjson

from loadtests.openloop import Plan, send
from loadtests.template import from_file

CONNECTIONS = 16
"""Few enough that no request waits for long: what is measured is the cost of answers that decide."""
SENDER_CORE = 1
OWN_RATE = 2000.0
"""What our own sender offers where only processor time is measured."""

_ID, _USER = "0123456789abcdef", "0123456789abcdef0123456789abcdef"
_SCRIPT = """\
local bodies, sent = {}, 0
for line in io.lines("@bodies@") do
  local id, rest = line:match("^(.-)@id@(.*)$")
  local user, last = rest:match("^(.-)@user@(.*)$")
  bodies[#bodies + 1] = {id, user, last}
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
  sent = sent + 1
  local body = bodies[sent % #bodies + 1]
  local user = string.format("%032x", sent * 7919 % 1048576)
  return wrk.format(nil, nil, nil, body[1] .. string.format("@run@%012x", sent) .. body[2] .. user .. body[3])
end
"""


class Sent(NamedTuple):
    """What a server answered."""

    answers: int
    failed: int
    """Answers that are no 2xx, and requests without one."""
    seconds: float


def generator() -> str:
    """What drives the servers here."""
    return "wrk" if shutil.which("wrk") else "our open-loop sender"


def drive(url: str, body: Path, seconds: float, run: int) -> Sent:
    """Send for so long, as fast as answers come with wrk, else at a fixed rate; no two runs send the same ids."""
    return _wrk(url, body, seconds, run) if shutil.which("wrk") else drive_gently(url, body, seconds)


def drive_gently(url: str, body: Path, seconds: float) -> Sent:
    """Send `OWN_RATE` requests a second with our own sender, however fast answers come."""
    run, record = send(Plan(url=url, rate=OWN_RATE, seconds=seconds, body=body, connections=CONNECTIONS))
    good = run.statuses.get("200", 0) + run.statuses.get("204", 0)
    return Sent(good, len(record) - good, seconds)


def _wrk(url: str, body: Path, seconds: float, run: int) -> Sent:
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "bodies.lua"
        bodies = Path(directory) / "bodies"
        bodies.write_text("".join(f"{_marked(request)}\n" for request in from_file(body)))
        script.write_text(_SCRIPT.replace("@bodies@", str(bodies)).replace("@run@", f"{run:04x}"))
        command = ["taskset", "-c", str(SENDER_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}"]
        found = subprocess.run([*command, "-s", str(script), url], capture_output=True, text=True, check=True)
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", found.stdout))
    for errors in re.findall(r"Socket errors: (.*)", found.stdout):
        failed += sum(int(number) for number in re.findall(r"\d+", errors))
    answers = re.search(r"(\d+) requests in ([\d.]+)s", found.stdout)
    assert answers is not None, found.stdout
    return Sent(int(answers[1]) - failed, failed, float(answers[2]))


def _marked(request: dict[str, object]) -> str:
    user = request.get("user")
    assert isinstance(user, dict), "the request of a benchmark has a user"
    text = orjson.dumps(request | {"id": "@id@", "user": user | {"id": "@user@"}}).decode()
    assert text.index("@id@") < text.index("@user@")
    return text
