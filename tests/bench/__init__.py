"""Benchmarks: `make bench`. Ratios against a yardstick measured in the same run; nothing here is a test."""
