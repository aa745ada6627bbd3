"""Why campaigns bid or do not bid on a request, for people and for programs."""

from bidder.explain.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
