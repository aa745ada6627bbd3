"""The steps of a decision, one verb a file; `bidder.engine` calls them from top to bottom."""
