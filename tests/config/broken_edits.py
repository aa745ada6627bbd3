"""Golden cases of broken edits: a sound directory, one file of it replaced or added, and every mistake expected.

A case begins with comments, which count as lines of the file:

    # file: campaigns/acme.toml
    # 7: campaigns[spring].max_cpm: at least the CPM of the goal (9.5), found 2.50
"""

import re
from pathlib import Path

CASES = sorted((Path(__file__).parent / "broken").glob("*.toml"))

_EXPECTED = re.compile(r"# (\S.*\.toml:)?(\d+: .*)")

SOUND = {
    "bidder.toml": "[account.rates]\nEUR = 1.08\n",
    "exchanges/demo.toml": "",
    "exchanges/plain26.toml": 'currencies = ["USD", "EUR"]\n',
    "campaigns/other.toml": """\
advertiser = "other"

[[campaigns]]
id = "other"
flight = { start = 2026-01-01, end = 2026-12-31 }
budget = { total = 1000.00 }
goal = { type = "cpc", amount = 0.50 }
max_cpm = 4.00

[[campaigns.creatives]]
id = "other-1"
format = "banner"
landing = "https://other.example/"
adomain = ["other.example"]
html = '<a href="{click}">Other</a>'
""",
}
"""Names and texts of a directory without mistakes."""


def write(directory: Path, files: dict[str, str]) -> Path:
    """Writes files below a directory, which is returned."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return directory


def edited(case: Path) -> str:
    """The file that a case replaces or adds."""
    return case.read_text("utf-8").split("\n", 1)[0].removeprefix("# file: ")


def expected(case: Path) -> list[str]:
    """Every line that is to be told, in order."""
    file = edited(case)
    head = [line for line in case.read_text("utf-8").split("\n")[1:] if line.startswith("# ")]
    found = [match for line in head if (match := _EXPECTED.fullmatch(line))]
    return [f"{match[1] or f'{file}:'}{match[2]}" for match in found]
