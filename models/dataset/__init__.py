"""Rows to learn from, out of event logs and public data sets."""
