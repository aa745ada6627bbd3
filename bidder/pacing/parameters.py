"""Every number that the controller's behaviour rests on: one set, for all campaigns, budgets and markets.

Sources
    Balseiro, Lu, Mirrokni, "Dual mirror descent for online allocation problems", ICML 2020, and "The best of many
    worlds", 2023: the price of budget as the dual variable of the budget, and pacing by bid = value / price.
    Li, Ye, "Online linear programming: dual convergence, new algorithms, and regret bounds", Operations Research 2022:
    minimise the dual that the history estimates, again and again with what is left (the action-history-dependent rule).
    Page, "Continuous inspection schemes", Biometrika 1954: cumulative sums that notice a change.
    Kaplan, Meier, "Nonparametric estimation from incomplete observations", JASA 1958: a lost bid tells of prices up
    to what was bid, and of no other.
    Bates, Granger, "The combination of forecasts", Operational Research Quarterly 1969: weights by precision.
"""

from math import log

MEMORY_WINS = 4_000
"""The landscape weighs a win by exp(-wins since / this): enough for an error of the spend rate of two in a hundred."""

PRIOR_BIDS = 50
"""What is believed of a market before the first bid counts like so many bids."""

CHANGE = 1.4
"""The change of spend at the same prices that is looked for, up by this factor or down by it."""

EVIDENCE = 20.0
"""The logarithm of the likelihood ratio at which a change is believed, and what was before it forgotten."""

FORECAST_SD = log(2)
"""A forecast of a flight's traffic may well be half or double the truth: the standard deviation of its logarithm."""

RATE_SD_HOUR = 0.25
"""How far the traffic of the next hour is from that of the last, as a standard deviation of the logarithm; over more
hours it grows with their square root ..."""

RATE_SD_MOST = 1.0
"""... up to this: the swing of a day."""

MEAN_SD_DAY = 2.0
"""How far the rate of the last day is from that of the days to come; falls with the days that the flight has run."""

WINDOW_SHARE = 1 / 8
"""The recent rate is that of a window of this share of the time that it is to foretell ..."""

WINDOW_LEAST_S, WINDOW_MOST_S = 900.0, 86_400.0
"""... within these seconds."""

QUIET_S = 900.0
"""No opportunity for longer than this is no evidence of low traffic: a pause, an outage, the night of a site."""

CATCH_UP_SHARE = 0.1
"""What is ahead of or behind the plan is evened out over the next tenth of the flight ..."""

CATCH_UP_MOST_S = 21_600.0
"""... or six hours, whichever is less."""

HELD_LEAD = 1.6
"""How much of what is held for unresolved bids is to be spent ahead of the plan, since what is still held when the
flight ends is never spent."""

FREE_FIRST = 4.0
"""Where holds limit the bids, money that is free is bid in a fourth of the time in which what is held comes free."""

CLIFF = 0.5
"""Where a multiplier one step lower would spend less than this part of the target, the multiplier stays and fewer
auctions are taken part in: a floor or a fixed price, which half a bid does not buy."""

FIRST_MULTIPLIER = 1.0
FIRST_THROTTLE = 1.0
"""What a campaign does until a sample tells what an impression is worth to it, and that there is traffic."""
