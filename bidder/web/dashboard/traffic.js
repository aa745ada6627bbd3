// What exchanges ask, what they are answered, and why they get no bid.

import { bars, byId, cell, line, make, put, tell } from "./elements.js";
import { growth, grownSeconds, history, labelled, latest, perSecond, quantile } from "./metrics.js";
import { NOTHING, currency, few, money, number, percent, priced, read, share } from "./texts.js";

export function showTiles(report) {
  const [requests, bids] = [growth("bidder_requests_total"), growth("bidder_bids_total")];
  const wins = ["counted", "unrecorded", "over_hold"]
    .map((outcome) => growth("bidder_notices_total", { kind: "bill", outcome }))
    .reduce((sum, each) => (each === null ? null : sum + each), 0);
  const seconds = grownSeconds();
  tell("requests", few(perSecond("bidder_requests_total")), "bidder_requests_total, last minute");
  tell("bids", few(perSecond("bidder_bids_total")), "bidder_bids_total, last minute");
  tell("bid-rate", percent(share(bids, requests)), "bidder_bids_total / bidder_requests_total, last minute");
  tell("wins", few(wins === null ? null : wins / seconds), "bidder_notices_total of kind bill that counted, last minute");
  tell("win-rate", percent(share(wins, bids)), "bidder_notices_total of kind bill that counted / bidder_bids_total");
  tell("today", money(read(report, "today_micros")), "/api/campaigns: today_micros");
  const spent = growth("bidder_money_micros", { state: "spent" });
  tell("pace", money(spent === null ? null : (3600 * spent) / seconds), "bidder_money_micros, spent, last minute");
  const ms = (part) => {
    const found = quantile("bidder_answer_seconds", part);
    return found === null ? NOTHING : `≤ ${number(1000 * found, found < 0.01 ? 1 : 0)}`;
  };
  tell("p99", ms(0.99), "bidder_answer_seconds, last minute");
  tell("p50", ms(0.5), "bidder_answer_seconds, last minute");
  const decided = growth("bidder_worker_answers_total");
  tell("late", percent(share(growth("bidder_late_answers_total"), decided)),
    "bidder_late_answers_total / bidder_worker_answers_total, last minute");
  tell("away", percent(share(growth("bidder_turned_away_total"), requests)),
    "bidder_turned_away_total / bidder_requests_total, last minute");
  for (const each of document.querySelectorAll(".currency")) put(each, currency);
  line("requests-line", history("bidder_requests_total"));
  line("bids-line", history("bidder_bids_total"));
}

export function showReasons() {
  const seconds = grownSeconds();
  const counts = (name) => labelled(name, "reason")
    .filter((reason) => reason !== "bid")
    .map((reason) => [reason, seconds === null ? latest(name, { reason }) : growth(name, { reason })]);
  const span = seconds === null ? "since the start" : `of the last ${number(Math.max(1, seconds))} s`;
  const answers = bars("answers", counts("bidder_answers_total"), "bidder_answers_total");
  tell("answers-note", answers ? `Requests ${span}, by the gate that came furthest.` : `Every request ${span} got a bid, or none came.`);
  const endings = bars("endings", counts("bidder_campaign_outcomes_total"), "bidder_campaign_outcomes_total");
  tell("endings-note", endings ? `Campaigns ${span}, on requests that were evaluated in full.`
    : "Nothing yet: a sample of the requests is evaluated in full (recording.full_evaluation_rate).");
}

export function showExchanges() {
  const rows = labelled("bidder_requests_total", "exchange").filter((name) => latest("bidder_requests_total", { exchange: name }));
  byId("exchanges").tBodies[0].replaceChildren(...rows.map((exchange) => {
    const [requests, bids] = [growth("bidder_requests_total", { exchange }), growth("bidder_bids_total", { exchange })];
    const cpm = share(growth("bidder_bid_micros_total", { exchange }), bids);
    return make("tr", "",
      cell(exchange === "-" ? "(no exchange)" : exchange, "exchange"),
      cell(few(perSecond("bidder_requests_total", { exchange })), "bidder_requests_total", "n"),
      cell(few(perSecond("bidder_bids_total", { exchange })), "bidder_bids_total", "n"),
      cell(percent(share(bids, requests)), "bidder_bids_total / bidder_requests_total", "n"),
      cell(cpm === null ? NOTHING : `${priced(1000 * cpm)}`, "bidder_bid_micros_total / bidder_bids_total × 1000", "n"),
      cell(number(growth("bidder_late_answers_total", { exchange })), "bidder_late_answers_total", "n"));
  }));
  if (!rows.length) byId("exchanges").tBodies[0].replaceChildren(make("tr", "", make("td", "note", "No request has come yet.")));
}
