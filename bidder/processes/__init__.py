"""The running bidder: one control process, its bid workers, and the roller of event segments.

    serve ─▶ control ─┬─ a socket pair each ─▶ worker 0 … N-1   the bid port
                      ├─ a socket pair ──────▶ roller           segments into Parquet
                      └─ the web port: notices, tracking, metrics, configuration

Control owns configuration, money and the workers; a worker lives as long as its socket does.
"""
