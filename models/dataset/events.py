"""A bidder's own event log: Parquet under TYPE/date=YYYY-MM-DD/hour=HH/, joined by `bid_id`.

A row is a bid that became an impression (its pixel was fetched or it was billed), or a click where the outcome is of
clicks. Its facts are what was logged with the bid. An outcome counts where it was counted then, came no later than the
attribution window after the row, and is known from its own time on. The first one counts; of a click, the first that
came after it. Test traffic is left out, and a bid that was recorded twice is one row.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from models.dataset.files import sha256
from models.dataset.rows import Dataset, in_order_of_time
from models.errors import DataError
from models.facts import Fact, Facts

ATTRIBUTION_MS = 7 * 24 * 3_600_000
COUNTING = ("counted", "unrecorded", "over_hold")
"""How notices, pixels, clicks and conversions end that took effect, for the first time."""

_BID_FACTS = ("exchange", "campaign", "creative", "format", "deal", "auction_type")

_BID_COLUMNS = ["at_ms", "bid_id", *_BID_FACTS, "facts"]
_COLUMNS = {"bid": _BID_COLUMNS, "notice": ["at_ms", "bid_id", "kind"]}
"""What is read of a type of event; of those not named, when it was and of which bid."""

_facts = msgspec.json.Decoder(dict[str, Fact])


def read(paths: list[Path], outcome: str, attribution_ms: int = ATTRIBUTION_MS) -> Dataset:
    """The rows of event directories (the state directory or its `events`). Raises `DataError`."""
    directories = [path / "events" if (path / "events").is_dir() else path for path in paths]
    events = {kind: _table(directories, kind) for kind in ("bid", "notice", "impression", "click", "conversion")}
    bids, clicks = _counted(events["bid"]), _first_times(_counted(events["click"]))
    began: Mapping[int, int | None] = clicks
    if outcome != "conversion_after_click":
        billed = events["notice"].filter(pc.equal(events["notice"]["kind"], "billing"))
        shown = _first_times(_counted(events["impression"])) | _first_times(_counted(billed))
        began = dict.fromkeys(shown)
    after = clicks if outcome == "conversion_after_click" else None
    ended = clicks if outcome == "click" else _first_times(_counted(events["conversion"]), after)
    rows = list(_rows(bids, began, ended, attribution_ms))
    if not rows:
        named, became = _named(directories), "was clicked" if after is not None else "was shown"
        raise DataError(f"{named}: {len(bids)} bids are recorded there, and none of them {became}, so there is no row")
    return in_order_of_time(rows, _sources(directories), "events")


def _rows(
    bids: pa.Table, began: Mapping[int, int | None], ended: Mapping[int, int], attribution_ms: int
) -> Iterable[tuple[int, int | None, Facts]]:
    known: set[int] = set()
    for bid in _dicts(bids):
        number = bid["bid_id"]
        if number not in began or number in known:
            continue
        known.add(number)
        at_ms = began[number] or bid["at_ms"]
        end_ms = ended.get(number)
        in_time = end_ms is not None and end_ms - at_ms <= attribution_ms
        yield at_ms, end_ms if in_time else None, _with_bid(bid)


def _with_bid(bid: Mapping[str, Any]) -> dict[str, Fact]:
    """The logged facts, and what the bid's own columns say where they do not. Raises `DataError`."""
    facts: dict[str, Fact] = {name: bid[name] or None for name in _BID_FACTS}
    facts["at_ms"] = bid["at_ms"]
    try:
        return facts | _facts.decode(bid["facts"])
    except msgspec.DecodeError as error:
        raise DataError(f"the facts of the bid {bid['bid_id']}: {error}") from error


def _table(directories: list[Path], kind: str) -> pa.Table:
    """All events of a kind; an empty table with the columns that are asked for where there are none."""
    folders = [directory / kind for directory in directories if _has_files(directory / kind)]
    if not folders:
        if kind == "bid":
            raise DataError(
                f"{_named(directories)}: there is no file of bids in bid/; expected the state directory of a bidder "
                "that bid (what a live one records is there some minutes later)"
            )
        return pa.table(
            {"at_ms": pa.array([], pa.int64()), "bid_id": pa.array([], pa.uint64()), "kind": [], "outcome": []}
        )
    try:
        found = pa.concat_tables(
            ds.dataset(folder, format="parquet", partitioning=None).to_table() for folder in folders
        )
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{folders[0]}: {error}") from error
    lacking = [name for name in _COLUMNS.get(kind, ["at_ms", "bid_id"]) if name not in found.column_names]
    if lacking:
        raise DataError(f"{folders[0]}: expected events of a bidder, the columns {', '.join(lacking)} are missing")
    return found


def _has_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))


def _named(directories: list[Path]) -> str:
    return ", ".join(map(str, directories))


def _counted(table: pa.Table) -> pa.Table:
    """Without tests, and without what moved nothing: repeated, forged, late."""
    if "test" in table.column_names:
        table = table.filter(pc.invert(table["test"]))
    if "outcome" in table.column_names and len(table):
        table = table.filter(pc.is_in(table["outcome"], pa.array(COUNTING)))
    return table


def _first_times(table: pa.Table, after: Mapping[int, int] | None = None) -> dict[int, int]:
    """When each bid had its first event of a table, not earlier than the time in `after`."""
    times: dict[int, int] = {}
    after = after or {}
    for number, at_ms in zip(table["bid_id"].to_pylist(), table["at_ms"].to_pylist(), strict=True):
        if at_ms >= after.get(number, at_ms):
            times[number] = min(at_ms, times.get(number, at_ms))
    return times


def _dicts(bids: pa.Table) -> Iterable[dict[str, Any]]:
    columns = bids.select(_BID_COLUMNS)
    for batch in columns.to_batches(max_chunksize=4096):
        yield from batch.to_pylist()


def _sources(directories: list[Path]) -> dict[str, str]:
    """A hash for each type and day, `bid/date=2026-03-10`, of the names and hashes of its files: a log has many."""
    days: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(file for directory in directories for file in directory.glob("*/date=*/hour=*/*.parquet")):
        *day, hour, name = file.parts[-4:]
        days["/".join(day)].append(f"{hour}/{name} {sha256(file)}")
    return {day: hashlib.sha256("\n".join(files).encode()).hexdigest() for day, files in days.items()}
