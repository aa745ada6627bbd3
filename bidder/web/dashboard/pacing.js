// How spend stands to its plan: cells that campaigns and groups share.

import { cell, make, put, track } from "./elements.js";
import { NOTHING, money, number, percent, priced, read } from "./texts.js";

/** Spend of the day beside the plan. */
export function spentCell(spent, budget, planned) {
  const plan = budget && planned !== null ? planned / budget : null;
  const text = budget === null ? `${priced(spent)}, no daily limit` : `${money(spent)} of ${priced(budget)}`;
  const sums = put(make("span", "whole"), text, "/api/campaigns: today_micros; pacing.budget_micros, or else daily_micros");
  const made = make("td", "wide", sums, ...(budget ? [track(spent / budget, plan)] : []));
  made.dataset.head = "Spent today";
  return made;
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

/** Where spend is beside where the plan wants it to be. */
export function planCell(pacing, mode) {
  const [text, look] = pacing === null && mode === "asap" ? ["as fast as possible", ""] : standing(pacing);
  const planned = read(pacing, "planned_micros");
  const made = make("td", "", put(make("span", `${look} whole`), text, "pacing.deviation: of the day's budget"));
  if (planned !== null) {
    made.append(put(make("div", "note whole"), `${priced(planned)} by now`, "pacing.planned_micros"));
  }
  made.dataset.head = "Plan";
  return made;
}

export const throttle = (pacing) => cell(percent(read(pacing, "throttle")), "pacing.throttle: share of requests it takes part in",
  "n extra", "Throttle");
export const multiplier = (pacing) => cell(read(pacing, "multiplier") === null ? NOTHING : `× ${number(read(pacing, "multiplier"), 2)}`,
  "pacing.multiplier: factor on its value", "n extra", "Multiplier");
