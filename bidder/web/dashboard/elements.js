// Parts of the page. Whatever comes from outside becomes text, never markup.

import { number, percent, share, words } from "./texts.js";

const MOST_BARS = 10;

export const byId = (id) => document.getElementById(id);

/** An element with classes and children; texts stay texts. */
export function make(tag, classes = "", ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

/** Text in an element, with where it comes from; what is the same is left alone, so that selections stay. */
export function put(element, text, from = "") {
  if (element.textContent !== text) element.textContent = text;
  if (from && element.title !== from) element.title = from;
  return element;
}

export const tell = (id, text, from) => put(byId(id), text, from);

export function cell(text, from, classes = "", head = "") {
  const made = put(make("td", classes), text, from);
  if (head) made.dataset.head = head;
  return made;
}

/** A bar that is filled so far, with a mark where the plan is. */
export function track(part, plan = null) {
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

export function bars(id, counts, from) {
  const sum = counts.reduce((all, [, count]) => all + count, 0);
  const shown = counts.filter(([, count]) => count > 0).sort((one, other) => other[1] - one[1]).slice(0, MOST_BARS);
  byId(id).replaceChildren(
    ...shown.map(([label, count]) => {
      const figure = put(make("span", "n"), `${number(count)} · ${percent(share(count, sum))}`, from);
      return make("li", "", make("span", "", words(label)), track(count / shown[0][1]), figure);
    }),
  );
  return shown.length;
}

export function line(id, values) {
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, place) => `${place},${(30 - (26 * value) / most).toFixed(1)}`).join(" ");
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  drawn.setAttribute("points", points);
  const svg = byId(id);
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, values.length - 1)} 34`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.replaceChildren(drawn);
}

/** A list of facts, and a way to add one: its name, its text or element, and where that comes from. */
export function facts() {
  const list = make("dl");
  const fact = (name, told, from = "") => {
    const made = make("dd", "", told);
    if (from) made.title = from;
    list.append(make("dt", "", name), made);
  };
  return [list, fact];
}
