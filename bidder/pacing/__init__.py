"""How spend is spread over time, and how much a worker may bid."""
