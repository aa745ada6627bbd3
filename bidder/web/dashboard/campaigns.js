// The tables of campaigns and of budgets that several share.

import { byId, cell, facts, make, put, tell, track } from "./elements.js";
import { multiplier, planCell, spentCell, throttle } from "./pacing.js";
import { NOTHING, money, number, percent, priced, read, share, words } from "./texts.js";

const campaignRows = new Map();

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
  const wins = read(row, "wins");
  const cpm = wins ? (1000 * read(row, "spend_micros")) / wins : null;
  return [
    spentCell(read(row, "today_micros"), budget, read(pacing, "planned_micros")),
    planCell(pacing, read(row, "mode")),
    throttle(pacing),
    multiplier(pacing),
    cell(number(read(row, "bids")), "bids", "n", "Bids"),
    cell(percent(share(wins, read(row, "bids"))), `wins / bids: ${number(wins)} of ${number(read(row, "bids"))}`, "n", "Win rate"),
    cell(cpm === null ? NOTHING : priced(cpm), "spend_micros / wins × 1000", "n extra", "CPM paid"),
    cell(number(read(row, "clicks")), "clicks", "n extra", "Clicks"),
    why(row),
  ];
}

function details(row) {
  const [told, fact] = facts();
  const limit = read(row, "total_micros");
  const flight = read(row, "flight_micros");
  fact("id", read(row, "campaign"), "campaign");
  fact("pacing", read(row, "mode"), "mode");
  fact("spent in its flight", limit === null ? `${priced(flight)}, no limit` : `${money(flight)} of ${priced(limit)}`,
    "flight_micros, total_micros");
  fact("held by open bids", priced(read(row, "held_micros")), "held_micros");
  fact("throttle, multiplier", `${percent(read(row, "pacing.throttle"))}, × ${number(read(row, "pacing.multiplier"), 2)}`,
    "pacing.throttle, pacing.multiplier");
  fact("paid for wins", `${priced(read(row, "spend_micros"))} for ${number(read(row, "wins"))} wins`, "spend_micros, wins");
  fact("clicks", number(read(row, "clicks")), "clicks");
  fact("conversions", number(read(row, "conversions")), "conversions");
  fact("expected today", read(row, "pacing.expected_opportunities") === null ? NOTHING
    : `${number(read(row, "pacing.expected_opportunities"))} more requests that fit`, "pacing.expected_opportunities");
  fact("its money", make("code", "", `bidder ledger show ${read(row, "campaign")}`));
  fact("one request", make("code", "", `bidder explain REQUEST.json --state state --campaign ${read(row, "campaign")}`));
  const whole = judged(row);
  const list = make("ul", "bars");
  const most = Math.max(1, ...read(row, "reasons").map((ending) => read(ending, "requests")));
  for (const ending of read(row, "reasons")) {
    const count = read(ending, "requests");
    const name = put(make("span"), words(read(ending, "reason")), read(ending, "phase"));
    list.append(make("li", "", name, track(count / most), put(make("span", "n"), `${number(count)} · ${percent(count / whole)}`, "requests")));
  }
  const note = `Of ${number(whole)} requests that were evaluated in full, it bid on ${number(read(row, "bid_on"))}.`;
  const wide = make("td", "", make("div", "inside", told, make("div", "", make("p", "note", note), list)));
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

/** What the table shows of a campaign, brought up to date. */
function body(row) {
  const rows = rowsOf(read(row, "campaign"));
  rows.row = row;
  const live = read(row, "state") === "live";
  put(rows.button, read(row, "name") || read(row, "campaign"), read(row, "campaign"));
  put(rows.about, `${read(row, "advertiser")} · ${live ? "●" : "○"} ${read(row, "state")}`, "advertiser, state");
  const shown = rows.body.firstChild;
  while (shown.children.length > 1) shown.lastChild.remove();
  shown.append(...cells(row));
  fillDetails(rows);
  return rows.body;
}

/** Let go of campaigns that are not listed any more. */
function forgetOthers(listed) {
  const names = new Set(listed.map((row) => read(row, "campaign")));
  for (const [id, rows] of campaignRows) {
    if (!names.has(id)) {
      rows.body.remove();
      campaignRows.delete(id);
    }
  }
}

function showNotes(report, listed) {
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
}

export function showCampaigns(report) {
  const listed = read(report, "campaigns");
  const table = byId("campaigns");
  forgetOthers(listed);
  listed.map(body).forEach((each, place) => { // what is in its place is left alone, so that focus stays
    if (table.children[place + 1] !== each) table.insertBefore(each, table.children[place + 1] ?? null);
  });
  table.hidden = !listed.length;
  showNotes(report, listed);
}

export function showGroups(groups) {
  byId("groups-section").hidden = !groups.length;
  byId("groups").tBodies[0].replaceChildren(...groups.map((group) => make("tr", "",
    cell(read(group, "campaign"), "campaign", "wide"),
    spentCell(read(group, "spent_micros"), read(group, "budget_micros"), read(group, "planned_micros")),
    planCell(group, ""),
    throttle(group),
    multiplier(group))));
}
