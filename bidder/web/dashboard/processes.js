// The processes of the bidder: workers, journal, events, and where money is.

import { byId, cell, facts, make } from "./elements.js";
import { labelled, latest, perSecond } from "./metrics.js";
import { counted, few, number, priced } from "./texts.js";

export function showProcesses() {
  byId("workers").tBodies[0].replaceChildren(...labelled("bidder_worker_resident_bytes", "worker").map((worker) => make("tr", "",
    cell(worker, "worker"),
    cell(few(perSecond("bidder_worker_answers_total", { worker })), "bidder_worker_answers_total", "n"),
    cell(`${few(1000 * latest("bidder_event_loop_lag_seconds", { worker }))} ms`, "bidder_event_loop_lag_seconds", "n"),
    cell(`${few(1000 * latest("bidder_gc_pause_seconds", { worker }))} ms`, "bidder_gc_pause_seconds", "n"),
    cell(`${number(latest("bidder_worker_resident_bytes", { worker }) / 2 ** 20)} MiB`, "bidder_worker_resident_bytes", "n"),
    cell(number(latest("bidder_connections", { worker })), "bidder_connections", "n"))));
  const [list, fact] = facts();
  fact("workers", `${number(latest("bidder_workers"))} answering, ${counted(latest("bidder_worker_restarts_total"), "restart")}`,
    "bidder_workers, bidder_worker_restarts_total");
  fact("journal", `${number(latest("bidder_ledger_lines_total"))} lines on disk, ${number(latest("bidder_ledger_lines_pending"))} wait, `
    + `oldest ${few(1000 * latest("bidder_ledger_wait_seconds"))} ms`,
    "bidder_ledger_lines_total, bidder_ledger_lines_pending, bidder_ledger_wait_seconds");
  fact("events", `${number(latest("bidder_events_written_total"))} written, ${number(latest("bidder_events_pending"))} wait, `
    + `${number(latest("bidder_events_dropped_total"))} lost`,
    "bidder_events_written_total, bidder_events_pending, bidder_events_dropped_total");
  const state = (name) => priced(latest("bidder_money_micros", { state: name }));
  fact("board", `${state("unspent")} granted to workers, ${state("held")} held by open bids`, "bidder_money_micros");
  fact("book", `${state("spent")} spent, ${state("margin")} margin, ${state("fee")} fees, ${state("late")} claimed late`,
    "bidder_money_micros, since the ledger was begun");
  fact("at most", `${priced(latest("bidder_overspend_bound_micros"))} above all budgets`, "bidder_overspend_bound_micros");
  byId("parts").replaceChildren(...list.childNodes);
}
