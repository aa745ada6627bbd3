"""`taxonomies/N.tsv`: which categories lie above which, in the taxonomy with that number."""

from bidder.config.schema.values import Table


class Taxonomy(Table, frozen=True, kw_only=True):
    """The hierarchy of one list of categories."""

    parents: dict[str, str] = {}
    """By category the one above it; empty text for those at the top."""
