"""The campaign as the running bidder has it, from its state directory."""

from pathlib import Path

from bidder.config.schema import Campaign
from bidder.processes.handover import read


def live_campaign(state: Path, campaign: str) -> Campaign | None:
    """As it is live; None where there is no such campaign, or nothing live. Raises `OSError`."""
    generations = sorted((state / "live").glob("*.config"), key=lambda path: int(path.stem))
    if not generations:
        return None
    placed = (each for parcel in read(generations[-1]).parcels for each in parcel.open())
    return next((each.campaign for each in placed if each.campaign.id == campaign), None)
