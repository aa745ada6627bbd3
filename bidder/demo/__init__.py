"""The demo: a configuration with life in it, and the command that plays a market against it."""
