"""What goes into `Bid.adm`: prepared when a creative is, filled in for each bid."""
