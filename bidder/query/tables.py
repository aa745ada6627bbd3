"""The tables of the event log: their names, their columns, and the SQL that makes them."""

from collections.abc import Iterator
from typing import NamedTuple

from bidder.config.document import field_texts
from bidder.domain.outcome import COUNTING
from bidder.domain.reason import Reason
from bidder.events.schema import EVENTS, Event

_TOOK_EFFECT = "outcome IN (" + ", ".join(f"'{each}'" for each in sorted(COUNTING)) + ")"


class Column(NamedTuple):
    """A column as it is documented."""

    name: str
    text: str


class Table(NamedTuple):
    """A table as it is documented; `sql` is the query behind one that is made from others."""

    name: str
    text: str
    columns: tuple[Column, ...]
    sql: str = ""


TIMES = (
    Column("at_utc", "When: `at_ms` as a timestamp."),
    Column("date", "The day of `at_utc`. A condition on it, and on `hour`, spares reading the other files."),
    Column("hour", "The hour of `at_utc`, 0 to 23."),
)


def name_of(event: type[Event]) -> str:
    """The name of the table of an event, as in `bids`."""
    return f"{event.__name__.lower()}s"


def _of_event(event: type[Event]) -> Table:
    text = " ".join((event.__doc__ or "").partition("Raises ")[0].split())
    texts = field_texts(event)
    columns = (Column(name, texts.get(name, "")) for name in event.__struct_fields__)
    return Table(name_of(event), text, (*TIMES, *columns))


RECORDED = tuple(map(_of_event, EVENTS))
"""A table for each event."""

DERIVED = (
    Table(
        "reason_codes",
        "The closed list of reasons.",
        (
            Column("code", "As in `funnels.terminal` and `funnels.counts`."),
            Column("reason", "The name that metrics, dashboard and `bidder explain` have for it."),
            Column("phase", "The part of the decision in which it arises."),
        ),
        "SELECT * FROM (VALUES "
        + ", ".join(f"({int(each)}, '{each.label}', '{each.phase.value}')" for each in Reason)
        + ") AS listed (code, reason, phase)",
    ),
    Table(
        "outcomes",
        "A bid and what became of it, one row each: the columns of `bids`, and these. Test bids are left out.",
        (
            Column("won", "1 where it was billed, else 0."),
            Column("paid_micros", "What was booked for it; null where it was not billed."),
            Column("fee_micros", "What the exchange is owed on top."),
            Column("loss_reason", "Why it lost, where the exchange said so (OpenRTB list: Loss Reason Codes)."),
            Column("min_to_win_micros", "What would have won, where the exchange said so."),
            Column("impressions", "Pixels that counted: 0 or 1."),
            Column("clicks", "Clicks that counted."),
            Column("conversions", "Conversions that counted."),
            Column("conversion_value_micros", "What the advertiser says they were worth."),
        ),
        f"""
        SELECT b.*, (n.paid_micros IS NOT NULL)::INTEGER AS won, n.paid_micros, n.fee_micros,
            n.loss_reason, n.min_to_win_micros,
            coalesce(i.number, 0) AS impressions, coalesce(c.number, 0) AS clicks, coalesce(v.number, 0) AS conversions,
            v.value_micros AS conversion_value_micros
        FROM bids b
        LEFT JOIN (
            SELECT bid_id,
                max(price_micros) FILTER (WHERE kind = 'billing' AND {_TOOK_EFFECT}) AS paid_micros,
                max(fee_micros) FILTER (WHERE kind = 'billing' AND {_TOOK_EFFECT}) AS fee_micros,
                max(loss_reason) AS loss_reason, max(min_to_win_micros) AS min_to_win_micros
            FROM notices WHERE bid_id > 0 GROUP BY bid_id
        ) n USING (bid_id)
        LEFT JOIN (
            SELECT bid_id, count(*) AS number FROM impressions WHERE {_TOOK_EFFECT} GROUP BY bid_id
        ) i USING (bid_id)
        LEFT JOIN (
            SELECT bid_id, count(*) AS number FROM clicks WHERE {_TOOK_EFFECT} GROUP BY bid_id
        ) c USING (bid_id)
        LEFT JOIN (
            SELECT bid_id, count(*) AS number, sum(value_micros)::BIGINT AS value_micros
            FROM conversions WHERE {_TOOK_EFFECT} GROUP BY bid_id
        ) v USING (bid_id)
        WHERE NOT b.test
        """,
    ),
    Table(
        "reasons",
        "How each campaign ended on each request that was evaluated in full, one row each. Test requests are left out.",
        (
            *TIMES,
            Column("request_id", "Of the request."),
            Column("exchange", "It came from there."),
            Column("config", "Hash of the configuration."),
            Column("campaign", "The campaign."),
            Column("reason", "How it ended; `bid` where it bid."),
            Column("phase", "The part of the decision in which that arises."),
            Column("weight", "How many requests this one stands for: `1 / rate` of the sample."),
        ),
        """
        SELECT at_utc, date, hour, request_id, exchange, config, campaign, reason, phase, weight
        FROM (
            SELECT f.at_utc, f.date, f.hour, f.request_id, f.exchange, f.config, 1 / f.rate AS weight,
                unnest(g.campaigns) AS campaign, unnest(f.terminal)::INTEGER AS code
            FROM funnels f
            JOIN (SELECT config, any_value(campaigns) AS campaigns FROM generations GROUP BY config) g USING (config)
            WHERE NOT f.test AND len(f.terminal) = len(g.campaigns)
        )
        JOIN reason_codes USING (code)
        """,
    ),
)
"""Tables that are made from others, each from those before it."""

TABLES = (*RECORDED, *DERIVED)


def reference() -> Iterator[str]:
    """All tables in Markdown."""
    for table in TABLES:
        yield f"## {table.name}\n\n{table.text}\n\n| column | meaning |\n|---|---|"
        yield from (f"| `{column.name}` | {column.text.replace('|', ' or ')} |" for column in table.columns)
        yield ""
