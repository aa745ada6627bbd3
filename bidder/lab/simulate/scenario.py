"""From the arguments of the command to a market and what a campaign goes into it with."""

from argparse import Namespace
from datetime import UTC

from msgspec.structs import replace

from bidder.domain.money import micros_from_cpm
from bidder.lab.simulate.market import Market, UnusableInputError, generous_worth, read_ipinyou, read_prior
from bidder.lab.simulate.play import Terms
from bidder.lab.simulate.seeded import seeded
from bidder.pacing.controller import Flight
from bidder.pacing.landscape import Landscape
from bidder.pacing.plan import Plan, at_once, even, front_loaded, hours

SHAPES = ("even", "front", "asap", "traffic")
"""Plans: three curves, and spend that follows the traffic as it comes."""


def market_of(options: Namespace) -> Market:
    """The auctions to bid on. Raises `UnusableInputError`, `OSError`."""
    if options.seed is not None:
        return seeded(options.seed)
    return read_ipinyou(options.auctions, options.clock)


def known_before(options: Namespace, market: Market) -> tuple[Landscape, int]:
    """The landscape before the first auction, and what a click is worth in micros. Raises as `market_of`."""
    landscape = Landscape(pays_bid=options.auction == "first")
    mean_ctr_ppb = market.mean_ctr_ppb
    if options.prior is not None:
        believed, mean_ctr_ppb = read_prior(options.prior)
        landscape = replace(landscape, prior=believed)
    if mean_ctr_ppb <= 0:
        raise UnusableInputError("a market needs predicted clicks, found none")
    return landscape, options.click_value or generous_worth(mean_ctr_ppb)


def terms_of(options: Namespace, market: Market, click_micros: int) -> Terms:
    """What the campaign goes into the market with."""
    return Terms(
        Flight(even(hours(0, market.length_s, UTC)), _plan(options, market), options.forecast * len(market) or None),
        options.budget_total or int(options.budget_fraction * market.cost_micros),
        click_micros,
        micros_from_cpm(options.max_cpm),
        options.notice_delay,
        options.auction == "first",
    )


def _plan(options: Namespace, market: Market) -> Plan | None:
    shape = options.pacing or ("even" if options.seed is None and options.clock == "count" else "traffic")
    if shape == "traffic":
        return None
    if shape == "asap":
        return at_once(0, market.length_s)
    return (even if shape == "even" else front_loaded)(hours(0, market.length_s, UTC))
