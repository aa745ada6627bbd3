"""A configuration with life in it: twelve and more campaigns, and exchanges of every dialect."""
