"""Events as Arrow tables: a column per field, under the field's name.

`facts` is a text column of JSON, because a fact keeps its type there: 1, 1.0, "1" and true differ, as they did for the
model. A float that is not finite becomes null. DuckDB reads it with `facts->>'$.name'`, Python with
`msgspec.json.decode`, pyarrow with `pyarrow.json.read_json` over the column's lines. `terminal` becomes a list of
codes, `bid_id` an unsigned integer.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec
import numpy as np
import pyarrow as pa

from bidder.events.schema import Event, Facts, NoticeKind

_COLUMN_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    NoticeKind: pa.string(),
    int: pa.int64(),
    int | None: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.list_(pa.uint16()),
    list[str]: pa.list_(pa.string()),
    dict[int, int]: pa.map_(pa.int64(), pa.int64()),
    dict[str, str]: pa.map_(pa.string(), pa.string()),
    Facts: pa.string(),
}

_facts_json = msgspec.json.Encoder(order="deterministic").encode

_CELLS: dict[Any, Callable[[Any], Any]] = {
    bytes: lambda terminal: np.frombuffer(terminal, dtype="<u2"),
    dict[int, int]: lambda counts: list(counts.items()),
    dict[str, str]: lambda texts: list(texts.items()),
    Facts: _facts_json,
}
"""What Arrow takes for the values of a field, where it is not the value itself."""


@cache
def arrow_schema(event: type[Event]) -> pa.Schema:
    """The columns of an event."""
    types = get_type_hints(event)
    columns = {name: _COLUMN_TYPES[types[name]] for name in event.__struct_fields__}
    if "bid_id" in columns:
        columns["bid_id"] = pa.uint64()
    return pa.schema([pa.field(name, column) for name, column in columns.items()])


def arrow_table(event: type[Event], rows: Sequence[Event]) -> pa.Table:
    """Events of one type as a table, in their order."""
    types = get_type_hints(event)
    schema = arrow_schema(event)
    return pa.table([_column(field, types[field.name], rows) for field in schema], schema=schema)


def _column(field: pa.Field, of: Any, rows: Sequence[Event]) -> pa.Array:
    values: Iterable[Any] = map(attrgetter(field.name), rows)
    cell = _CELLS.get(of)
    return pa.array(list(values if cell is None else map(cell, values)), field.type)
