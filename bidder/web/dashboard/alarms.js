// What needs attention, and whether all is well.

import { byId, make, put } from "./elements.js";
import { growth, latest } from "./metrics.js";
import { moment, number, read } from "./texts.js";

function alarms(config, models) {
  const found = [];
  const rejected = read(config, "rejected");
  if (rejected !== null) {
    const problems = read(rejected, "problems").map((problem) => read(problem, "text"));
    found.push([`The edit of ${moment(read(rejected, "at"))} is refused; what was live before goes on.`, ...problems]);
  }
  for (const model of read(models, "models")) {
    for (const each of read(model, "refused")) {
      found.push([`Model ${read(each, "version")} is refused; what answered before goes on.`, ...read(each, "reasons")]);
    }
    const ended = read(model, "canary_ended");
    if (ended !== null) found.push([`Canary ${read(ended, "version")} was rolled back ${moment(read(ended, "at"))}: ${read(ended, "why")}`]);
  }
  const problem = read(models, "appraisal.problem");
  if (problem) found.push([`Shadow and drift cannot be appraised: ${problem}`]);
  const watch = [
    ["bidder_ledger_failing", "The ledger cannot be written: nothing is granted, and bids stop as grants are used up."],
    ["bidder_events_failing", "Event records cannot be written: the workers that this befalls make no bids."],
    ["bidder_overspend_bound_micros", "An edit put a budget below what was committed: flights may end above their budgets."],
    ["bidder_closure_error_total", "Campaigns without just one reason: a defect of the bidder."],
    ["bidder_ungranted_bids_total", "Bids that no grant covers: a defect of the bidder."],
    ["bidder_faults_total", "Requests left undecided through a fault of the bidder; the log has the errors."],
    ["bidder_events_dropped_total", "Event records were lost; reports lack them, money does not."],
    ["bidder_feature_drift_alarms", "Features whose values are no longer those of training; /api/models names them."],
  ];
  for (const [name, text] of watch) {
    if (latest(name)) found.push([`${text} (${name} is ${number(latest(name))})`]);
  }
  const notices = growth("bidder_notice_alarms_total");
  if (notices) found.push([`${number(notices)} notices of the last minute had a price that is not to be trusted (bidder_notice_alarms_total).`]);
  if (!latest("bidder_workers")) found.push(["No worker answers requests."]);
  return found;
}

export function showAlarms(config, models) {
  const found = alarms(config, models);
  const fresh = found.map(([head, ...more]) => make("div", "alert", make("p", "bad", `▲ ${head}`), ...more.map((text) => make("p", "", make("code", "", text)))));
  const box = byId("alerts");
  const text = found.flat().join("\n");
  if (box.dataset.text !== text) {
    box.dataset.text = text;
    box.replaceChildren(...fresh);
  }
  const ready = latest("bidder_workers") > 0;
  const standing = byId("standing");
  standing.className = ready && !found.length ? "good" : "bad";
  put(standing, !ready ? "▲ not bidding" : found.length ? `▲ bidding, ${found.length} to look at` : "● bidding");
}
