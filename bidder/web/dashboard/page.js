// Asks the routes of operations for numbers every other second and has them shown.

import { showAlarms } from "./alarms.js";
import { showCampaigns, showGroups } from "./campaigns.js";
import { showConfig, showModels } from "./configuration.js";
import { byId, tell } from "./elements.js";
import { keep } from "./metrics.js";
import { showProcesses } from "./processes.js";
import { clock, currencyIs, read } from "./texts.js";
import { showExchanges, showReasons, showTiles } from "./traffic.js";

const POLL_MS = 2000;
const SELDOM = 5; // polls between two looks at what changes seldom

let lastAnswer = null;
let seldom = null;

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
  keep(Date.now(), metrics);
  currencyIs(read(report, "currency"));
  showTiles(report);
  showCampaigns(report);
  showGroups(read(report, "groups"));
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
