"""The event log as tables that anyone may ask in SQL: `bidder query`.

log ─▶ the Parquet files and the open segments of a state directory, each event once
tables ─▶ the views over them, and what each column means
session ─▶ one question, read only
"""
