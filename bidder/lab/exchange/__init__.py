"""A mock ad exchange that plays against any bidder over HTTP.

It sends realistic OpenRTB requests at a constant rate, holds auctions against seeded rivals, judges every answer
strictly, and calls what it owes: win, billing and loss notices, impression pixels, clicks and conversions. People
click and buy by a hidden truth. It knows nothing of the bidder but what the bidder says in its answers.

    python -m bidder.lab.exchange --url http://127.0.0.1:8000/openrtb2/demo --rate 200 --seconds 60

`command` mounts it in a command line; `traffic` is its stream of requests alone, without a network.
"""
