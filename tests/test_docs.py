"""The prose leads where it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROSE = sorted(path for folder in ("", "bidder", "openrtb", "models") for path in (ROOT / folder).rglob("*.md"))
PROSE = [path for path in dict.fromkeys(PROSE) if ".venv" not in path.parts]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
