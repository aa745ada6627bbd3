"""iPinYou's logs and what was made of them, known by their looks.

| looks | what it is | outcome |
|---|---|---|
| 24 columns by tabs | impression or click log as released | 1 in the click log, whose log type is 2 |
| 27 columns by tabs | the same with click, weekday and hour in front | first column |
| `0 12:1 57:1 ...`, with a `field:value<TAB>index` file | features of the benchmark, to the hour | first column |
| a header with `BidID` and `IsClick` | the table of the R package FeatureHashing | `IsClick` |

Bidding and paying prices are not read: a bidder learns them after its bid. Times in the logs are China's.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

from models.dataset.browser import browser_of, os_of
from models.dataset.files import first_line, lines, sources
from models.dataset.rows import Dataset, in_order_of_time
from models.errors import DataError
from models.facts import Fact, Facts

Row = tuple[int, int | None, Facts]

UTC_OFFSET_MIN = 480
_OFFSET_MS = UTC_OFFSET_MIN * 60_000
_HOUR_MS = 3_600_000
_MONDAY_MS = 1_382_313_600_000 - _OFFSET_MS
"""Monday, 21 October 2013, in China: the week of the benchmark's training part."""
_SATURDAY_MS = _MONDAY_MS - 2 * 24 * _HOUR_MS
_CLICK_LOG = "2"
_NOTHING = {"", "null", "Na", "other"}
_RAW = {
    "ip": 5, "region": 6, "city": 7, "exchange": 8, "domain": 9, "url": 10, "tagid": 12, "position": 15,
    "slot_format": 16, "creative": 18, "advertiser": 22, "segments": 23,
}  # fmt: skip
_TABLE = {
    "ip": "IP", "region": "Region", "city": "City", "exchange": "AdExchange", "domain": "Domain", "url": "URL",
    "tagid": "AdSlotId", "position": "AdSlotVisibility", "slot_format": "AdSlotFormat", "creative": "CreativeID",
    "advertiser": "Adid", "segments": "UserTag",
}  # fmt: skip
_INDEXED = {
    "ip": "IP", "region": "region", "city": "city", "exchange": "adexchange", "domain": "domain", "tagid": "slotid",
    "position": "slotvisibility", "slot_format": "slotformat", "creative": "creative", "advertiser": "advertiser",
}  # fmt: skip


def read(paths: list[Path]) -> Dataset:
    """The rows of all files, each once. Raises `DataError` for a file of another form or a row out of form."""
    indexes = [path for path in paths if _is_index(path)]
    rows: list[Row] = []
    logs: list[Path] = []
    for path in paths:
        if path in indexes:
            continue
        columns = first_line(path).split("\t")
        if len(columns) == 24:
            logs.append(path)
        else:
            rows.extend(_reader(path, columns, indexes)(path, len(rows)))
    rows.extend(_logged(logs))
    tables = any("IsClick" in first_line(path) for path in paths)
    form = "ipinyou_indexed" if indexes else "ipinyou_table" if tables else "ipinyou"
    return in_order_of_time(rows, sources(paths), form)


def _is_index(path: Path) -> bool:
    columns = first_line(path).split("\t")
    return len(columns) == 2 and ":" in columns[0] and columns[1].isdigit()


def _reader(path: Path, columns: list[str], indexes: list[Path]) -> Callable[[Path, int], Iterable[Row]]:
    if {"BidID", "IsClick"} <= set(columns):
        return _table
    if len(columns) == 27:
        return lambda path, _: _with_click(path)
    if len(columns) == 1 and columns[0][:2] in {"0 ", "1 "}:
        if len(indexes) != 1:
            raise DataError(f"{path}: needs one file of `field:value<TAB>index` beside it, found {len(indexes)}")
        return lambda path, _: _indexed(path, indexes[0])
    raise DataError(f"{path}: expected a form of iPinYou data, found {len(columns)} columns in the first line")


def _logged(paths: list[Path]) -> Iterator[Row]:
    """Impression and click logs together: a bid counts once, as a click if there is one."""
    found: dict[str, Row] = {}
    for path in paths:
        for columns in _columns(path, 24):
            clicked = columns[2] == _CLICK_LOG
            if clicked or columns[0] not in found:
                found[columns[0]] = _raw(path, columns, clicked)
    yield from found.values()


def _with_click(path: Path) -> Iterator[Row]:
    return (_raw(path, columns[3:], columns[0] == "1") for columns in _columns(path, 27))


def _columns(path: Path, expected: int) -> Iterator[list[str]]:
    for number, line in enumerate(lines(path), 1):
        columns = line.split("\t")
        if len(columns) != expected:
            raise DataError(f"{path}, line {number}: expected {expected} columns, found {len(columns)}")
        yield columns


def _raw(path: Path, columns: list[str], clicked: bool) -> Row:
    try:
        at_ms = _time_ms(columns[1])
        facts = {name: _text(columns[place]) for name, place in _RAW.items()} | _slot(
            columns[13], columns[14], columns[17]
        )
    except ValueError as error:
        raise DataError(f"{path}, bid {columns[0]}: {error}") from error
    agent = columns[4]
    facts |= {"user": _text(columns[3]), "agent": _text(agent), "os": os_of(agent), "browser": browser_of(agent)}
    return at_ms, at_ms if clicked else None, facts | _local(at_ms)


def _table(path: Path, before: int) -> Iterator[Row]:
    """The table has no times, only an order: rows are a millisecond apart from the start of its day."""
    text = iter(lines(path))
    header = next(text).split("\t")
    lacking = sorted({*_TABLE.values(), "AdSlotWidth", "AdSlotHeight"} - set(header))
    if lacking:
        raise DataError(f"{path}: the header lacks {', '.join(lacking)}")
    for number, line in enumerate(text):
        row = dict(zip(header, line.split("\t"), strict=False))
        if len(row) != len(header):
            raise DataError(f"{path}, line {number + 2}: expected {len(header)} columns, found {len(row)}")
        at_ms = _SATURDAY_MS + before + number
        facts = {name: _text(row[column]) for name, column in _TABLE.items()}
        try:
            facts |= _slot(row["AdSlotWidth"], row["AdSlotHeight"], "")
        except ValueError as error:
            raise DataError(f"{path}, line {number + 2}: {error}") from error
        yield at_ms, at_ms if row["IsClick"] == "1" else None, facts


def _indexed(path: Path, index: Path) -> Iterator[Row]:
    """Indexes turned back into what they stand for."""
    meanings = _meanings(index)
    for number, line in enumerate(lines(path), 1):
        click, *features = line.split()
        try:
            values = dict(meanings[feature.partition(":")[0]] for feature in features)
            at_ms = _MONDAY_MS + (_part(values["weekday"], 7) * 24 + _part(values["hour"], 24)) * _HOUR_MS
            facts = _meant(values) | _local(at_ms)
        except KeyError as error:
            raise DataError(f"{path}, line {number}: {error} is no index with a meaning") from error
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {error}") from error
        yield at_ms, at_ms if click == "1" else None, facts


def _meanings(index: Path) -> dict[str, tuple[str, str]]:
    """Field and value by index."""
    found: dict[str, tuple[str, str]] = {}
    for number, columns in enumerate((line.split("\t") for line in lines(index)), 1):
        if len(columns) != 2:
            raise DataError(f"{index}, line {number}: expected `field:value<TAB>index`, found {len(columns)} columns")
        field, _, value = columns[0].partition(":")
        found[columns[1]] = field, value
    return found


def _part(text: str, parts: int) -> int:
    """A weekday or an hour. Raises `ValueError`."""
    if not text.isdecimal() or len(text) > 2 or int(text) >= parts:
        raise ValueError(f"expected a whole number below {parts}, found {text!r}")
    return int(text)


def _meant(values: dict[str, str]) -> dict[str, Fact]:
    facts = {name: _text(values.get(field, "")) for name, field in _INDEXED.items()}
    system, _, browser = values.get("useragent", "").partition("_")
    floor = values.get("slotprice", "").rstrip("+").partition("-")[0]
    facts |= _slot(values.get("slotwidth", ""), values.get("slotheight", ""), floor)
    return facts | {"os": _text(system), "browser": _text(browser)}


def _slot(width: str, height: str, floor: str) -> dict[str, Fact]:
    wide, high = _number(width), _number(height)
    size = f"{wide:g}x{high:g}" if wide is not None and high is not None else None
    return {"width": wide, "height": high, "size": size, "bidfloor": _number(floor)}


def _local(at_ms: int) -> dict[str, Fact]:
    local = datetime.fromtimestamp((at_ms + _OFFSET_MS) / 1000, UTC)
    return {"at_ms": at_ms, "utc_offset_min": UTC_OFFSET_MIN, "hour": local.hour, "weekday": local.weekday()}


def _time_ms(text: str) -> int:
    """`yyyyMMddHHmmssSSS` of China. Raises `ValueError`."""
    if len(text) != 17:
        raise ValueError(f"expected a time of 17 digits, found {text!r}")
    try:
        local = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return int(local.timestamp()) * 1000 + int(text[14:]) - _OFFSET_MS
    except ValueError as error:
        raise ValueError(f"expected a time such as 20131019150000000, found {text!r}") from error


def _text(value: str) -> Fact:
    return None if value in _NOTHING else value


def _number(text: str) -> float | None:
    """Raises `ValueError` for what is no finite number."""
    if text in _NOTHING:
        return None
    with suppress(ValueError):
        if isfinite(number := float(text)):
            return number
    raise ValueError(f"expected a number, found {text!r}")
