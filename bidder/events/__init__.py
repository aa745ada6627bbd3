"""What happened, kept: every bid, notice and outcome in segment files, rolled into Parquet by date and hour.

append ─▶ recorder ─▶ STATE/segments/NAME/SEQUENCE.seg ─▶ reader.tail ─▶ which bids are outstanding
                                     └─▶ roll ─▶ STATE/events/TYPE/date=YYYY-MM-DD/hour=HH/NAME-SEQUENCE.parquet
"""
