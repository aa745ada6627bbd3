"""Realistic bid requests without a network, reproducible by seed.

from bidder.lab.exchange.traffic import requests
bodies = itertools.islice(requests(seed=7), 1000)
"""

from bidder.lab.exchange.traffic.generator import Opportunity, opportunities, requests
from bidder.lab.exchange.traffic.people import Person
from bidder.lab.exchange.traffic.publishers import Placement

__all__ = ["Opportunity", "Person", "Placement", "opportunities", "requests"]
