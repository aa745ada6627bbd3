// What is live: the configuration with its edits, and the models.

import { byId, facts, make, tell } from "./elements.js";
import { counted, moment, number, percent, read, share, words } from "./texts.js";

const MOST_EDITS = 10;

export function showConfig(config) {
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

export function showModels(models) {
  const named = read(models, "models");
  tell("models-note", named.length ? `store ${read(models, "store")}, ${counted(read(models, "swaps"), "swap")} since the start`
    : "No model is named in bidder.toml: the fixed probabilities of [prediction] stand.", "/api/models: store, swaps");
  byId("models").replaceChildren(...named.map((model) => {
    const live = read(model, "live");
    const title = make("p", "", make("b", "", read(model, "name")), ` predicts ${words(read(model, "outcome"))}: `,
      live === null ? make("span", "bad", `▲ no version answers; ${read(model, "answers") ?? "the fixed probability"} does.`)
        : make("span", "good", `● version ${live} answers`));
    const [list, fact] = facts();
    if (!read(model, "versions").length) {
      fact("versions", `none in the store ${read(models, "store")}, seen from where the bidder was started`, "versions, store");
    }
    if (read(model, "awaited").length) fact("being checked", read(model, "awaited").join(", "), "awaited");
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
    return make("div", "", title, list, ...refused);
  }));
}
