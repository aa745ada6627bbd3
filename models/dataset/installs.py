"""Clicks with the installs they led to: CSV with a header, as TalkingData published them.

Columns ip, app, device, os, channel, click_time, attributed_time, is_attributed; times to the minute in UTC. The
outcome is an install, known when it is attributed. The app (what is advertised) becomes the campaign, the channel
(where the click came from) the publisher, the device the model.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from models.dataset.files import first_line, lines, sources
from models.dataset.history import History, remember
from models.dataset.rows import Dataset, in_order_of_time
from models.errors import DataError
from models.facts import Fact, Facts

COLUMNS = {"ip", "app", "device", "os", "channel", "click_time", "attributed_time", "is_attributed"}
_FACTS = {"ip": "ip", "app": "campaign", "device": "model", "os": "os", "channel": "publisher"}
_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S


def read(paths: list[Path]) -> Dataset:
    """The clicks of all files in order of time. Raises `DataError`."""
    clicks = sorted((row for path in paths for row in _rows(path)), key=lambda row: row[0])
    return in_order_of_time(_with_history(clicks), sources(paths), "installs")


def _rows(path: Path) -> Iterator[tuple[int, int | None, dict[str, Fact]]]:
    first_line(path)
    reader = csv.DictReader(lines(path))
    try:
        if not set(reader.fieldnames or ()) >= COLUMNS:
            raise DataError(f"{path}: expected the columns {', '.join(sorted(COLUMNS))}, found {reader.fieldnames}")
        for row in reader:
            yield _click(row)
    except csv.Error as error:  # the line that it cannot read is not counted
        raise DataError(f"{path}, line {reader.line_num + 1}: {error}") from error
    except ValueError as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from error


def _click(row: dict[str, str]) -> tuple[int, int | None, dict[str, Fact]]:
    """Raises `ValueError`."""
    lacking = sorted(column for column in COLUMNS if row[column] is None)
    if lacking:
        raise ValueError(f"expected {len(row)} columns, found none for {', '.join(lacking)}")
    if row["is_attributed"] not in {"0", "1"}:
        raise ValueError(f"expected 0 or 1 for is_attributed, found {row['is_attributed']!r}")
    at_ms = _ms(row["click_time"])
    known_ms = _ms(row["attributed_time"]) if row["is_attributed"] == "1" else None
    return at_ms, known_ms, {fact: row[column] for column, fact in _FACTS.items()} | _time(at_ms)


def _with_history(clicks: list[tuple[int, int | None, dict[str, Fact]]]) -> list[tuple[int, int | None, Facts]]:
    """Clicks with what was known of the address and the user (address, device and system) when each came."""
    by_ip, by_ip_long = History(_HOUR_S), History(7 * _DAY_S)
    by_user, by_app = History(_DAY_S), History(_DAY_S)
    rows: list[tuple[int, int | None, Facts]] = []
    for at_ms, known_ms, click in clicks:
        facts = dict(click)
        user = (facts["ip"], facts["model"], facts["os"])
        facts["ip_seen"] = by_ip.visit(facts["ip"], at_ms)[0]
        facts["ip_seen_week"] = by_ip_long.visit(facts["ip"], at_ms)[0]
        facts.update(remember(by_user, user, at_ms, ("user_seen", "user_idle_s")))
        facts.update(remember(by_app, (user, facts["campaign"]), at_ms, ("frequency", "recency_s")))
        rows.append((at_ms, known_ms, facts))
    return rows


@lru_cache(maxsize=4096)
def _ms(text: str) -> int:
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()) * 1000
        except ValueError:
            continue
    raise ValueError(f"expected a time such as 2017-11-06 16:00, found {text!r}")


def _time(at_ms: int) -> dict[str, Fact]:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return {"at_ms": at_ms, "hour": at.hour, "weekday": at.weekday()}
