"""How spend is spread over time: plans, the controller that follows them, and what it learns. Pure."""
