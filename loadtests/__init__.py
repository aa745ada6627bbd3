"""Load tests: what a running bidder does under traffic, seen from outside, over HTTP alone.

Nothing here imports the bidder, its language or its models: what a client needs of an answer is checked by rules of our
own (`judge.py`), so that a mistake in the bidder's model of OpenRTB cannot hide itself.
"""
