"""What the engine decides about: money, campaigns, creatives, reasons, tickets. Pure; knows no wire format."""
