"use strict";
// Asks the routes of operations for numbers and shows them. Whatever comes from outside becomes text, never markup.

const POLL_MS = 2000;
const SELDOM = 5; // polls between two looks at what changes seldom
const WINDOW_MS = 60000; // rates are of so long
const KEPT = 150;
const MOST_REASONS = 10;
const MOST_EDITS = 10;
const NOTHING = "–";

const kept = []; // {at, metrics} of the last polls, the newest last
const campaignRows = new Map();
let currency = "";
let lastAnswer = null;
let seldom = null;

// ---- reading

const byId = (id) => document.getElementById(id);

/** The value of a documented field, as in `read(row, "pacing.throttle")`; null where there is none. */
function read(from, path) {
  return path.split(".").reduce((value, name) => value?.[name] ?? null, from);
}

/** The sum of a metric over the series with these labels. */
function total(metrics, name, where = {}) {
  const fits = (series) => Object.entries(where).every(([label, value]) => series.labels[label] === value);
  return (metrics[name] ?? []).filter(fits).reduce((sum, series) => sum + series.value, 0);
}

const latest = (name, where) => (kept.length ? total(kept.at(-1).metrics, name, where) : null);

/** The poll that rates are counted from, and the seconds since. */
function base() {
  const last = kept.at(-1);
  const first = kept.find((each) => each.at >= last.at - WINDOW_MS);
  return { first, last, seconds: (last.at - first.at) / 1000 };
}

/** By how much a counter grew in the last minute; null where that is not known. */
function growth(name, where) {
  if (kept.length < 2) return null;
  const { first, last } = base();
  return total(last.metrics, name, where) - total(first.metrics, name, where);
}

function perSecond(name, where) {
  const grown = growth(name, where);
  return grown === null ? null : grown / base().seconds;
}

const share = (part, whole) => (part === null || !whole ? null : part / whole);

/** The values that a label of a metric has. */
const labelled = (name, label) => [...new Set((kept.at(-1).metrics[name] ?? []).map((each) => each.labels[label]))];

/** A quantile of a histogram in the last minute, in its unit: the upper bound of the bucket it lies in. */
function quantile(name, part) {
  if (kept.length < 2) return null;
  const { first, last } = base();
  const [before, after] = [first.metrics[name]?.[0], last.metrics[name]?.[0]];
  if (!before || !after) return null;
  const counts = after.buckets.map((count, place) => count - before.buckets[place]);
  let left = part * counts.reduce((sum, count) => sum + count, 0);
  if (left <= 0) return null;
  const place = counts.findIndex((count) => (left -= count) <= 0);
  return after.bounds[Math.min(place, after.bounds.length - 1)];
}

// ---- writing

function number(value, digits = 0) {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const few = (value) => number(value, value !== null && Math.abs(value) < 10 ? 2 : value < 100 ? 1 : 0);
const percent = (part) => (part === null ? NOTHING : `${number(100 * part, Math.abs(part) < 0.0995 ? 1 : 0)} %`);
const money = (micros) => (micros === null ? NOTHING : number(micros / 1e6, micros && Math.abs(micros) < 1e5 ? 4 : 2));
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");
const words = (label) => label.replaceAll("_", " ");

const counted = (count, thing) => `${number(count)} ${thing}${count === 1 ? "" : "s"}`;

function moment(seconds) {
  const then = new Date(seconds * 1000);
  const sameDay = then.toDateString() === new Date().toDateString();
  return sameDay ? clock(seconds) : then.toLocaleString("en-GB");
}

/** An element with classes and children; texts stay texts. */
function make(tag, classes = "", ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

/** Text in an element, with where it comes from; what is the same is left alone, so that selections stay. */
function put(element, text, from = "") {
  if (element.textContent !== text) element.textContent = text;
  if (from && element.title !== from) element.title = from;
  return element;
}

const tell = (id, text, from) => put(byId(id), text, from);

function cell(text, from, classes = "", head = "") {
  const made = put(make("td", classes), text, from);
  if (head) made.dataset.head = head;
  return made;
}

/** A bar that is filled so far, with a mark where the plan is. */
function track(part, plan = null) {
  const fill = make("div", "fill");
  fill.style.width = `${100 * Math.min(1, Math.max(0, part ?? 0))}%`;
  const made = make("div", "track", fill);
  if (plan !== null) {
    const mark = make("div", "plan");
    mark.style.left = `calc(${100 * Math.min(1, Math.max(0, plan))}% - 1px)`;
    made.append(mark);
  }
  return made;
}

function bars(id, counts, from) {
  const sum = counts.reduce((all, [, count]) => all + count, 0);
  const shown = counts.filter(([, count]) => count > 0).sort((one, other) => other[1] - one[1]).slice(0, MOST_REASONS);
  byId(id).replaceChildren(
    ...shown.map(([label, count]) => {
      const figure = put(make("span", "n"), `${number(count)} · ${percent(share(count, sum))}`, from);
      return make("li", "", make("span", "", words(label)), track(count / shown[0][1]), figure);
    }),
  );
  return shown.length;
}

function line(id, values) {
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, place) => `${place},${(30 - (26 * value) / most).toFixed(1)}`).join(" ");
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  drawn.setAttribute("points", points);
  const svg = byId(id);
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, values.length - 1)} 34`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.replaceChildren(drawn);
}

/** Requests a second between polls. */
function history(name) {
  const slopes = [];
  for (let place = 1; place < kept.length; place += 1) {
    const [before, after] = [kept[place - 1], kept[place]];
    const grown = total(after.metrics, name) - total(before.metrics, name);
    slopes.push(Math.max(0, (1000 * grown) / (after.at - before.at)));
  }
  return slopes;
}

// ---- what is shown

function showTiles(report) {
  const [requests, bids] = [growth("bidder_requests_total"), growth("bidder_bids_total")];
  const wins = ["counted", "unrecorded", "over_hold"]
    .map((outcome) => growth("bidder_notices_total", { kind: "bill", outcome }))
    .reduce((sum, each) => (each === null ? null : sum + each), 0);
  const seconds = kept.length > 1 ? base().seconds : null;
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

/** Spend of the day beside the plan. */
function spending(spent, budget, planned) {
  const plan = budget && planned !== null ? planned / budget : null;
  const text = budget === null ? `${money(spent)} ${currency}, no daily limit` : `${money(spent)} of ${money(budget)} ${currency}`;
  const parts = budget ? [track(spent / budget, plan)] : [];
  return [put(make("span", "whole"), text, "/api/campaigns: today_micros; pacing.budget_micros, or else daily_micros"), ...parts];
}

/** How far spend is from the plan, in words, since a colour alone does not tell. */
function standing(pacing) {
  const deviation = read(pacing, "deviation");
  if (deviation === null) return [NOTHING, ""];
  if (!read(pacing, "active")) return ["resting", ""];
  const far = Math.abs(deviation) >= 0.02;
  if (Math.abs(deviation) < 0.005) return ["● on plan", "good"];
  return [`${deviation > 0 ? "▲" : "▼"} ${percent(Math.abs(deviation))} ${deviation > 0 ? "ahead" : "behind"}`, far ? "bad" : "good"];
}

function planCell(pacing, mode) {
  const [text, look] = pacing === null && mode === "asap" ? ["as fast as possible", ""] : standing(pacing);
  const planned = read(pacing, "planned_micros");
  const made = make("td", "", put(make("span", `${look} whole`), text, "pacing.deviation: of the day's budget"));
  if (planned !== null) {
    made.append(put(make("div", "note whole"), `${money(planned)} ${currency} by now`, "pacing.planned_micros"));
  }
  made.dataset.head = "Plan";
  return made;
}

const throttle = (pacing) => cell(percent(read(pacing, "throttle")), "pacing.throttle: share of requests it takes part in",
  "n extra", "Throttle");
const multiplier = (pacing) => cell(read(pacing, "multiplier") === null ? NOTHING : `× ${number(read(pacing, "multiplier"), 2)}`,
  "pacing.multiplier: factor on its value", "n extra", "Multiplier");

/** Requests on which it is known how a campaign ended. */
const judged = (row) => read(row, "bid_on") + read(row, "reasons").reduce((sum, ending) => sum + read(ending, "requests"), 0);

function why(row) {
  const made = make("td", "wide");
  made.dataset.head = "Why it does not bid";
  const whole = judged(row);
  if (!whole) {
    made.append(make("span", "note", "no sample yet"));
    return made;
  }
  if (!read(row, "reasons").length) {
    made.append(make("span", "", "it bids on all of them"));
    return made;
  }
  for (const ending of read(row, "reasons").slice(0, 2)) {
    const text = `${percent(read(ending, "requests") / whole)} ${words(read(ending, "reason"))}`;
    made.append(put(make("div"), text, `${number(read(ending, "requests"))} of ${number(whole)} requests that were evaluated in full`));
  }
  return made;
}

function cells(row) {
  const pacing = read(row, "pacing");
  const budget = read(pacing, "budget_micros") ?? read(row, "daily_micros");
  const spent = make("td", "wide", ...spending(read(row, "today_micros"), budget, read(pacing, "planned_micros")));
  spent.dataset.head = "Spent today";
  const wins = read(row, "wins");
  const cpm = wins ? (1000 * read(row, "spend_micros")) / wins : null;
  return [
    spent,
    planCell(pacing, read(row, "mode")),
    throttle(pacing),
    multiplier(pacing),
    cell(number(read(row, "bids")), "bids", "n", "Bids"),
    cell(percent(share(wins, read(row, "bids"))), `wins / bids: ${number(wins)} of ${number(read(row, "bids"))}`, "n", "Win rate"),
    cell(cpm === null ? NOTHING : `${money(cpm)} ${currency}`, "spend_micros / wins × 1000", "n extra", "CPM paid"),
    cell(number(read(row, "clicks")), "clicks", "n extra", "Clicks"),
    why(row),
  ];
}

function details(row) {
  const facts = make("dl");
  const fact = (name, text, from) => facts.append(make("dt", "", name), put(make("dd"), text, from));
  const limit = read(row, "total_micros");
  const flight = money(read(row, "flight_micros"));
  fact("id", read(row, "campaign"), "campaign");
  fact("pacing", read(row, "mode"), "mode");
  fact("spent in its flight", limit === null ? `${flight} ${currency}, no limit` : `${flight} of ${money(limit)} ${currency}`,
    "flight_micros, total_micros");
  fact("held by open bids", `${money(read(row, "held_micros"))} ${currency}`, "held_micros");
  fact("throttle, multiplier", `${percent(read(row, "pacing.throttle"))}, × ${number(read(row, "pacing.multiplier"), 2)}`,
    "pacing.throttle, pacing.multiplier");
  fact("paid for wins", `${money(read(row, "spend_micros"))} ${currency} for ${number(read(row, "wins"))} wins`, "spend_micros, wins");
  fact("clicks", number(read(row, "clicks")), "clicks");
  fact("conversions", number(read(row, "conversions")), "conversions");
  fact("expected today", read(row, "pacing.expected_opportunities") === null ? NOTHING
    : `${number(read(row, "pacing.expected_opportunities"))} more requests that fit`, "pacing.expected_opportunities");
  fact("its money", "", "");
  facts.lastChild.append(make("code", "", `bidder ledger show ${read(row, "campaign")}`));
  fact("one request", "", "");
  facts.lastChild.append(make("code", "", `bidder explain REQUEST.json --state state --campaign ${read(row, "campaign")}`));
  const whole = judged(row);
  const list = make("ul", "bars");
  const most = Math.max(1, ...read(row, "reasons").map((ending) => read(ending, "requests")));
  for (const ending of read(row, "reasons")) {
    const count = read(ending, "requests");
    const name = put(make("span"), words(read(ending, "reason")), read(ending, "phase"));
    list.append(make("li", "", name, track(count / most), put(make("span", "n"), `${number(count)} · ${percent(count / whole)}`, "requests")));
  }
  const note = `Of ${number(whole)} requests that were evaluated in full, it bid on ${number(read(row, "bid_on"))}.`;
  const wide = make("td", "", make("div", "inside", facts, make("div", "", make("p", "note", note), list)));
  wide.colSpan = 10;
  return wide;
}

/** The rows of a campaign: what is always shown, and what its button shows. */
function rowsOf(id) {
  let rows = campaignRows.get(id);
  if (rows) return rows;
  const button = make("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const about = make("div", "note");
  const head = make("td", "wide", button, about);
  const hidden = make("tr", "details");
  hidden.hidden = true;
  button.addEventListener("click", () => {
    hidden.hidden = !hidden.hidden;
    button.setAttribute("aria-expanded", String(!hidden.hidden));
    fillDetails(rows);
  });
  rows = { body: make("tbody", "", make("tr", "", head), hidden), button, about, hidden, row: null };
  campaignRows.set(id, rows);
  return rows;
}

function fillDetails(rows) {
  if (!rows.hidden.hidden) rows.hidden.replaceChildren(details(rows.row));
}

function showCampaigns(report) {
  const listed = read(report, "campaigns");
  const names = new Set(listed.map((row) => read(row, "campaign")));
  for (const [id, rows] of campaignRows) {
    if (!names.has(id)) {
      rows.body.remove();
      campaignRows.delete(id);
    }
  }
  const bodies = listed.map((row) => {
    const rows = rowsOf(read(row, "campaign"));
    rows.row = row;
    const live = read(row, "state") === "live";
    put(rows.button, read(row, "name") || read(row, "campaign"), read(row, "campaign"));
    put(rows.about, `${read(row, "advertiser")} · ${live ? "●" : "○"} ${read(row, "state")}`, "advertiser, state");
    const shown = rows.body.firstChild;
    const fresh = cells(row);
    while (shown.children.length > 1) shown.lastChild.remove();
    shown.append(...fresh);
    fillDetails(rows);
    return rows.body;
  });
  const table = byId("campaigns");
  bodies.forEach((body, place) => {
    if (table.children[place + 1] !== body) table.insertBefore(body, table.children[place + 1] ?? null);
  });
  const minutes = Math.max(1, Math.round((read(report, "at") - read(report, "since")) / 60));
  tell("campaigns-note", `${number(read(report, "live"))} live of ${number(read(report, "known"))}. Bids and reasons of the last `
    + `${minutes} min; reasons of ${number(read(report, "evaluated"))} requests that were evaluated in full. `
    + "The mark on a bar is where the plan wants spend to be.",
    "/api/campaigns: live, known, since, evaluated");
  const [found, known] = [read(report, "found"), read(report, "known")];
  byId("campaigns-empty").hidden = found > 0 && found <= listed.length;
  tell("campaigns-empty", !known ? "There are no campaigns yet: add a file to campaigns/ of the configuration directory."
    : !found ? "No campaign or advertiser has this in its name."
    : `${number(listed.length)} of ${number(found)} are shown; name what you look for.`, "/api/campaigns: found");
  table.hidden = !listed.length;
  showGroups(read(report, "groups"));
}

function showGroups(groups) {
  byId("groups-section").hidden = !groups.length;
  byId("groups").tBodies[0].replaceChildren(...groups.map((group) => {
    const spent = make("td", "wide", ...spending(read(group, "spent_micros"), read(group, "budget_micros"), read(group, "planned_micros")));
    return make("tr", "", cell(read(group, "campaign"), "campaign", "wide"), spent, planCell(group, ""), throttle(group), multiplier(group));
  }));
}

function showReasons() {
  const counts = (name) => labelled(name, "reason")
    .filter((reason) => reason !== "bid")
    .map((reason) => [reason, kept.length > 1 ? growth(name, { reason }) : latest(name, { reason })]);
  const span = kept.length > 1 ? `of the last ${number(Math.max(1, base().seconds))} s` : "since the start";
  const answers = bars("answers", counts("bidder_answers_total"), "bidder_answers_total");
  tell("answers-note", answers ? `Requests ${span}, by the gate that came furthest.` : `Every request ${span} got a bid, or none came.`);
  const endings = bars("endings", counts("bidder_campaign_outcomes_total"), "bidder_campaign_outcomes_total");
  tell("endings-note", endings ? `Campaigns ${span}, on requests that were evaluated in full.`
    : "Nothing yet: a sample of the requests is evaluated in full (recording.full_evaluation_rate).");
}

function showExchanges() {
  const rows = labelled("bidder_requests_total", "exchange").filter((name) => latest("bidder_requests_total", { exchange: name }));
  byId("exchanges").tBodies[0].replaceChildren(...rows.map((exchange) => {
    const [requests, bids] = [growth("bidder_requests_total", { exchange }), growth("bidder_bids_total", { exchange })];
    const cpm = share(growth("bidder_bid_micros_total", { exchange }), bids);
    return make("tr", "",
      cell(exchange === "-" ? "(no exchange)" : exchange, "exchange"),
      cell(few(perSecond("bidder_requests_total", { exchange })), "bidder_requests_total", "n"),
      cell(few(perSecond("bidder_bids_total", { exchange })), "bidder_bids_total", "n"),
      cell(percent(share(bids, requests)), "bidder_bids_total / bidder_requests_total", "n"),
      cell(cpm === null ? NOTHING : `${money(1000 * cpm)} ${currency}`, "bidder_bid_micros_total / bidder_bids_total × 1000", "n"),
      cell(number(growth("bidder_late_answers_total", { exchange })), "bidder_late_answers_total", "n"));
  }));
  if (!rows.length) byId("exchanges").tBodies[0].replaceChildren(make("tr", "", make("td", "note", "No request has come yet.")));
}

function showProcesses() {
  byId("workers").tBodies[0].replaceChildren(...labelled("bidder_worker_resident_bytes", "worker").map((worker) => make("tr", "",
    cell(worker, "worker"),
    cell(few(perSecond("bidder_worker_answers_total", { worker })), "bidder_worker_answers_total", "n"),
    cell(`${few(1000 * latest("bidder_event_loop_lag_seconds", { worker }))} ms`, "bidder_event_loop_lag_seconds", "n"),
    cell(`${few(1000 * latest("bidder_gc_pause_seconds", { worker }))} ms`, "bidder_gc_pause_seconds", "n"),
    cell(`${number(latest("bidder_worker_resident_bytes", { worker }) / 2 ** 20)} MiB`, "bidder_worker_resident_bytes", "n"),
    cell(number(latest("bidder_connections", { worker })), "bidder_connections", "n"))));
  const facts = make("dl");
  const fact = (name, text, from) => facts.append(make("dt", "", name), put(make("dd"), text, from));
  fact("workers", `${number(latest("bidder_workers"))} answering, ${counted(latest("bidder_worker_restarts_total"), "restart")}`,
    "bidder_workers, bidder_worker_restarts_total");
  fact("journal", `${number(latest("bidder_ledger_lines_total"))} lines on disk, ${number(latest("bidder_ledger_lines_pending"))} wait, `
    + `oldest ${few(1000 * latest("bidder_ledger_wait_seconds"))} ms`,
    "bidder_ledger_lines_total, bidder_ledger_lines_pending, bidder_ledger_wait_seconds");
  fact("events", `${number(latest("bidder_events_written_total"))} written, ${number(latest("bidder_events_pending"))} wait, `
    + `${number(latest("bidder_events_dropped_total"))} lost`,
    "bidder_events_written_total, bidder_events_pending, bidder_events_dropped_total");
  const state = (name) => `${money(latest("bidder_money_micros", { state: name }))} ${currency}`;
  fact("board", `${state("unspent")} granted to workers, ${state("held")} held by open bids`, "bidder_money_micros");
  fact("book", `${state("spent")} spent, ${state("margin")} margin, ${state("fee")} fees, ${state("late")} claimed late`,
    "bidder_money_micros, since the ledger was begun");
  fact("at most", `${money(latest("bidder_overspend_bound_micros"))} ${currency} above all budgets`, "bidder_overspend_bound_micros");
  byId("parts").replaceChildren(...facts.childNodes);
}

function showConfig(config) {
  const digest = read(config, "digest");
  tell("live", `configuration ${digest.slice(0, 8)}, number ${number(read(config, "generation"))}, live since `
    + moment(read(config, "since")), `/api/config: digest ${digest}, generation, since`);
  tell("edits-note", `${counted(read(config, "reloads"), "edit")} went live since the start, `
    + `${counted(read(config, "rejections"), "edit")} refused.`, "/api/config: reloads, rejections");
  const edits = read(config, "history").slice(-MOST_EDITS).reverse().flatMap((edit) => read(edit, "changes").map((change) => {
    const where = [read(change, "file"), read(change, "key")].filter(Boolean).join(": ");
    return make("li", "", make("span", "note", `${moment(read(edit, "at"))} `), make("code", "", where), " ",
      make("del", "", read(change, "before")), " → ", make("ins", "", read(change, "after")));
  }));
  byId("edits").replaceChildren(...edits.slice(0, 3 * MOST_EDITS));
  if (!edits.length) byId("edits").append(make("li", "note", "No edit since the start: save a file of the configuration."));
}

function showModels(models) {
  const list = read(models, "models");
  tell("models-note", list.length ? `store ${read(models, "store")}, ${counted(read(models, "swaps"), "swap")} since the start`
    : "No model is named in bidder.toml: the fixed probabilities of [prediction] stand.", "/api/models: store, swaps");
  byId("models").replaceChildren(...list.map((model) => {
    const live = read(model, "live");
    const title = make("p", "", make("b", "", read(model, "name")), ` predicts ${words(read(model, "outcome"))}: `,
      live === null ? make("span", "bad", "▲ no version answers; the fixed probability stands.")
        : make("span", "good", `● version ${live} answers`));
    const facts = make("dl");
    const fact = (name, text, from) => facts.append(make("dt", "", name), put(make("dd"), text, from));
    if (!read(model, "versions").length) {
      fact("versions", `none in the store ${read(models, "store")}, seen from where the bidder was started`, "versions, store");
    }
    if (read(model, "since") !== null) fact("since", moment(read(model, "since")), "since");
    if (read(model, "champion") !== live) fact("wanted", read(model, "champion") ?? "none", "champion");
    for (const [version, arm] of Object.entries(read(model, "arms"))) {
      const [bids, wins, expected] = [read(arm, "bids"), read(arm, "wins"), read(arm, "expected")];
      fact(version, `${number(bids)} bids, ${percent(share(wins, bids))} won, ${number(read(arm, "outcomes"))} outcomes of `
        + `${number(expected, 1)} expected`, "arms: bids, wins, outcomes, expected");
    }
    if (read(model, "canary") !== null) {
      fact("canary", `version ${read(model, "canary.canary.version")} for ${percent(read(model, "canary.share"))} of users`, "canary");
    }
    if (read(model, "shadow") !== null) fact("shadow", `version ${read(model, "shadow")}`, "shadow");
    const refused = read(model, "refused").map((each) => make("p", "bad",
      `▲ ${read(each, "version")} is refused since ${moment(read(each, "at"))}: ${read(each, "reasons").join("; ")}`));
    return make("div", "", title, facts, ...refused);
  }));
}

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

function showAlarms(config, models) {
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

// ---- asking

async function ask(path) {
  const url = new URL(path, location.origin); // an address with a password in it cannot be asked
  const response = await fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response.json();
}

async function poll(turn) {
  const asked = new URLSearchParams({ sort: byId("sort").value, find: byId("find").value.trim() });
  const [metrics, report] = await Promise.all([ask("/api/metrics"), ask(`/api/campaigns?${asked}`)]);
  if (seldom === null || turn % SELDOM === 0) {
    const [config, models] = await Promise.all([ask("/api/config"), ask("/api/models")]);
    seldom = { config, models };
  }
  if (kept.length && total(metrics, "bidder_requests_total") < latest("bidder_requests_total")) kept.length = 0; // a restart
  kept.push({ at: Date.now(), metrics });
  if (kept.length > KEPT) kept.shift();
  currency = read(report, "currency");
  showTiles(report);
  showCampaigns(report);
  showReasons();
  showExchanges();
  showProcesses();
  showConfig(seldom.config);
  showModels(seldom.models);
  showAlarms(seldom.config, seldom.models);
}

async function look(turn) {
  try {
    await poll(turn);
    lastAnswer = Date.now() / 1000;
    document.body.classList.remove("stale");
    tell("updated", `updated ${clock(lastAnswer)}`);
  } catch (error) {
    document.body.classList.add("stale");
    byId("standing").className = "bad";
    tell("standing", lastAnswer === null ? "▲ no numbers yet" : `▲ no news since ${clock(lastAnswer)}`);
    tell("updated", String(error.message ?? error));
  }
}

async function keepLooking() {
  for (let turn = 0; ; turn += 1) {
    if (!document.hidden) await look(turn);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

byId("asked").addEventListener("submit", (event) => event.preventDefault());
byId("asked").addEventListener("change", () => look(1));
keepLooking();
