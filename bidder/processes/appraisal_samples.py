"""What the appraiser found, as samples of the table of metrics."""

from bidder.metrics import Samples
from bidder.processes.appraising import Appraising


def appraisal_samples(appraising: Appraising) -> Samples:
    """For the table of metrics."""
    found = appraising.latest
    regrets = [(("shadow",), found.shadow), (("haste",), found.hurry)]
    known = [(label, each) for label, each in regrets if each is not None]
    drifts = [(version, each) for version, drifts in found.drift.items() for each in drifts]
    return {
        "bidder_regret_per_thousand": [
            pair
            for (of,), each in known
            for pair in (((of, "other"), each.if_other_is_right), ((of, "champion"), each.if_champion_is_right))
        ],
        "bidder_replayed_requests": [(label, each.requests) for label, each in known],
        "bidder_replayed_differently": [(label, each.different) for label, each in known],
        "bidder_sampled_expected_outcomes": [((each.version,), each.expected) for each in found.calibration],
        "bidder_sampled_outcomes": [((each.version,), each.outcomes) for each in found.calibration],
        "bidder_feature_psi": [((version, each.feature, each.source), each.psi) for version, each in drifts],
        "bidder_feature_drift_alarms": [
            ((version,), sum(each.alarm for each in drifts)) for version, drifts in found.drift.items()
        ],
        "bidder_samples_total": [((), appraising.samples)],
        "bidder_samples_dropped_total": [((), appraising.dropped)],
    }
