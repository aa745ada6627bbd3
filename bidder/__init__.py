"""A programmatic ad-bidding engine: OpenRTB in, right bids out, inside the deadline and the budget."""
