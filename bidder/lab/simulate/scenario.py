"""From the arguments of the command to a market and what a campaign goes into it with."""

from argparse import Namespace
from datetime import UTC
from decimal import Decimal

from msgspec.structs import replace

from bidder.domain.money import MICROS, micros_from_cpm
from bidder.lab.simulate.market import Market, UnusableInputError, generous_worth
from bidder.lab.simulate.play import Terms
from bidder.lab.simulate.recorded import read_ipinyou, read_prior
from bidder.lab.simulate.seeded import seeded
from bidder.pacing.controller import Flight
from bidder.pacing.landscape import Landscape
from bidder.pacing.outcomes import PPB
from bidder.pacing.plan import Plan, at_once, even, front_loaded, hours

SHAPES = ("even", "front", "asap", "traffic")
"""Plans: three curves, and spend that follows the traffic as it comes."""
_MOST = 2**63 - 1
"""Of a value in micros times parts per billion."""


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
    """What the campaign goes into the market with. Raises `UnusableInputError`."""
    if int(market.ctr_ppb.max()) * click_micros > _MOST:
        most, highest = Decimal(_MOST) / MICROS, int(market.ctr_ppb.max())
        raise UnusableInputError(
            f"an impression is to be worth at most {most / PPB:,.0f}, found a predicted CTR of {highest / PPB:g} and "
            f"{Decimal(click_micros) / MICROS:,.2f} for a click; --click-value sets another"
        )
    return Terms(
        Flight(even(hours(0, market.length_s, UTC)), _plan(options, market), options.forecast * len(market) or None),
        _budget_micros(options, market),
        click_micros,
        micros_from_cpm(options.max_cpm),
        options.notice_delay,
        options.auction == "first",
    )


def _budget_micros(options: Namespace, market: Market) -> int:
    if options.budget_total is not None:
        return int(options.budget_total)
    budget_micros = int(options.budget_fraction * market.cost_micros)
    if not budget_micros:
        raise UnusableInputError(
            f"--budget-fraction: a budget of at least a micro is needed, found {float(options.budget_fraction):g} "
            f"of {Decimal(market.cost_micros) / MICROS:f}, the cost of all auctions"
        )
    return budget_micros


def _plan(options: Namespace, market: Market) -> Plan | None:
    shape = options.pacing or ("even" if options.seed is None and options.clock == "count" else "traffic")
    if shape == "traffic":
        return None
    if shape == "asap":
        return at_once(0, market.length_s)
    return (even if shape == "even" else front_loaded)(hours(0, market.length_s, UTC))
