"""Configurations to start from: `minimal`, `demo`, `everything`, `bench`."""

from bidder.config.templates.init import TEMPLATES, init

__all__ = ["TEMPLATES", "init"]
