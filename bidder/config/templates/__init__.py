"""Configurations to start from: `minimal`, `demo`, `everything`, `bench`."""

from bidder.config.templates.write import TEMPLATES, NotEmptyError, Template, add_arguments, init, run

__all__ = ["TEMPLATES", "NotEmptyError", "Template", "add_arguments", "init", "run"]
