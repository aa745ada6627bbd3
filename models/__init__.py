"""The estimate: how likely a click or a conversion is, learned from logged facts and served to a bidder.

    facts ─▶ features ─▶ predictor ─▶ probability            serving
    dataset ─▶ train ─▶ store ─▶ check ─▶ pointers           training, on the same facts and features
                  └─▶ evaluate ─▶ report

The package is a leaf: it knows neither bidder nor OpenRTB.
"""
