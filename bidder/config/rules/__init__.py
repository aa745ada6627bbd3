"""What must hold beyond types: rules about one table, or about what stands in one file."""

from bidder.config.rules import bidder, campaign, categories, creative, exchange, targeting
from bidder.config.rules.registry import Wrong, faults_of

__all__ = ["Wrong", "bidder", "campaign", "categories", "creative", "exchange", "faults_of", "targeting"]
