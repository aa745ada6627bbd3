// The metrics of the last polls, and what they grew by. Rates are of the last minute.

const WINDOW_MS = 60000;
const KEPT = 150;

const kept = []; // {at, metrics}, the newest last

/** Keep what `/api/metrics` answered at a moment in milliseconds. */
export function keep(at, metrics) {
  if (kept.length && total(metrics, "bidder_requests_total") < latest("bidder_requests_total")) kept.length = 0; // a restart
  kept.push({ at, metrics });
  if (kept.length > KEPT) kept.shift();
}

/** The sum of a metric over the series with these labels. */
function total(metrics, name, where = {}) {
  const fits = (series) => Object.entries(where).every(([label, value]) => series.labels[label] === value);
  return (metrics[name] ?? []).filter(fits).reduce((sum, series) => sum + series.value, 0);
}

/** The value of a metric as it was told last. */
export const latest = (name, where) => (kept.length ? total(kept.at(-1).metrics, name, where) : null);

/** The poll that rates are counted from, and the seconds since. */
function base() {
  const last = kept.at(-1);
  const first = kept.find((each) => each.at >= last.at - WINDOW_MS);
  return { first, last, seconds: (last.at - first.at) / 1000 };
}

/** By how much a counter grew in the last minute; null where that is not known. */
export function growth(name, where) {
  if (kept.length < 2) return null;
  const { first, last } = base();
  return total(last.metrics, name, where) - total(first.metrics, name, where);
}

export function perSecond(name, where) {
  const grown = growth(name, where);
  return grown === null ? null : grown / base().seconds;
}

/** The seconds that growth is of; null where there was but one poll. */
export const grownSeconds = () => (kept.length > 1 ? base().seconds : null);

/** The values that a label of a metric has. */
export const labelled = (name, label) => [...new Set((kept.at(-1).metrics[name] ?? []).map((each) => each.labels[label]))];

/** A quantile of a histogram in the last minute, in its unit: the upper bound of the bucket it lies in. */
export function quantile(name, part) {
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

/** Requests a second between polls. */
export function history(name) {
  const slopes = [];
  for (let place = 1; place < kept.length; place += 1) {
    const [before, after] = [kept[place - 1], kept[place]];
    const grown = total(after.metrics, name) - total(before.metrics, name);
    slopes.push(Math.max(0, (1000 * grown) / (after.at - before.at)));
  }
  return slopes;
}
