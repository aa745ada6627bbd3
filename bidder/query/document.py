"""The reference of the tables, made from the schema of events: `python -m bidder.query.document`."""

from pathlib import Path

from bidder.config.document import below
from bidder.query.tables import reference

DOCUMENT = Path(__file__).with_name("TABLES.md")

_MARK = "<!-- Made from the schema by `python -m bidder.query.document`; edit that instead. -->\n"


def with_reference(document: str) -> str:
    """A document whose part after the mark is the reference."""
    return below(_MARK, document, "\n".join(reference()))


if __name__ == "__main__":
    DOCUMENT.write_text(with_reference(DOCUMENT.read_text("utf-8")), "utf-8")
