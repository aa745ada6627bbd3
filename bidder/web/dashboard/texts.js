// How fields, numbers, money and moments are read and told.

export const NOTHING = "–";

/** The code of the money that all sums are in. */
export let currency = "";

export const currencyIs = (name) => (currency = name);

/** The value of a documented field, as in `read(row, "pacing.throttle")`; null where there is none. */
export function read(from, path) {
  return path.split(".").reduce((value, name) => value?.[name] ?? null, from);
}

export const share = (part, whole) => (part === null || !whole ? null : part / whole);

export function number(value, digits = 0) {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const few = (value) => number(value, value !== null && Math.abs(value) < 10 ? 2 : value < 100 ? 1 : 0);
export const percent = (part) => (part === null ? NOTHING : `${number(100 * part, Math.abs(part) < 0.0995 ? 1 : 0)} %`);
export const money = (micros) => (micros === null ? NOTHING : number(micros / 1e6, micros && Math.abs(micros) < 1e5 ? 4 : 2));

/** Money with its currency. */
export const priced = (micros) => `${money(micros)} ${currency}`;

export const words = (label) => label.replaceAll("_", " ");
export const counted = (count, thing) => `${number(count)} ${thing}${count === 1 ? "" : "s"}`;
export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");

export function moment(seconds) {
  const then = new Date(seconds * 1000);
  const sameDay = then.toDateString() === new Date().toDateString();
  return sameDay ? clock(seconds) : then.toLocaleString("en-GB");
}
