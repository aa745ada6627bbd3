"""An auditor of its own: it adds the money up again bid by bid, and believes neither account nor controller."""

import numpy as np

from bidder.lab.simulate.market import Ints, Market
from bidder.lab.simulate.play import NOT_WON, Record, Terms


class AuditError(Exception):
    """The record contradicts the market, the rules of the auction, or the account: a defect of ours."""


def audit(market: Market, terms: Terms, record: Record) -> int:
    """By how many micros spend and full holds together were ever above the budget: 0 where no bid overspent.

    Raises `AuditError` naming the first auction, or the sum, that is wrong.
    """
    made = record.bid_micros > 0
    won = record.paid_micros != NOT_WON
    _refuse(record.bid_micros < 0, "a bid is not negative", record.bid_micros)
    worth = np.minimum(market.ctr_ppb * terms.click_micros // 1_000_000_000, terms.max_micros)
    _refuse(record.bid_micros > worth, "a bid is at most what the impression is worth", record.bid_micros)
    _refuse(won != (made & (record.bid_micros >= market.price_micros)), "the highest bid wins", record.paid_micros)
    rightly = record.bid_micros if terms.first_price else market.price_micros
    _refuse(won & (record.paid_micros != rightly), "the winner pays by the rule of the auction", record.paid_micros)
    paid = np.where(won, record.paid_micros, 0)
    _same("spent", int(paid.sum()), record.account.spent)
    _same("released", int(record.bid_micros.sum() - paid.sum()), record.account.released)
    _same("held at the end", 0, record.account.held + record.account.unspent)
    return max(0, int(committed_micros(record, terms.notice_delay).max(initial=0)) - terms.budget_micros)


def committed_micros(record: Record, notice_delay: int) -> Ints:
    """After each bid: what was paid for the bids that are resolved, and the full prices of those that are not."""
    bids, delay = record.bid_micros, max(1, notice_delay)
    paid = np.where(record.paid_micros == NOT_WON, 0, record.paid_micros)
    bid_until, paid_until = np.cumsum(bids), np.cumsum(paid)
    none = np.zeros(min(delay, len(bids)), np.int64)
    resolved = slice(0, max(0, len(bids) - delay))
    unresolved = bid_until - np.concatenate([none, bid_until[resolved]])
    return np.asarray(unresolved + np.concatenate([none, paid_until[resolved]]))


def _refuse(wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], rule: str, found: Ints) -> None:
    if wrong.any():
        index = int(np.argmax(wrong))
        raise AuditError(f"auction {index}: {rule}, found {int(found[index])} micros")


def _same(what: str, added_up: int, booked: int) -> None:
    if added_up != booked:
        raise AuditError(f"{what}: the bids add up to {added_up} micros, the account says {booked}")
