import { isDay, weekday } from "./days.js";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export class RuleError extends Error {
  name = "RuleError";
}

const FORM = /^every (?:(\d+) )?(days|weeks|months)(?: on ([\w,]+))? from (\S+)(?: until (\S+))?$/;

/** Reads a rule. */
export function parseRule(source) {
  const match = FORM.exec(source.trim());
  if (match === null) {
    throw new RuleError(`can not read "${source}"`);
  }
  const [, every = "1", unit, on, from, until] = match;
  for (const day of [from, until]) {
    if (day !== undefined && !isDay(day)) {
      throw new RuleError(`${day} is no day`);
    }
  }
  if (Number(every) < 1) {
    throw new RuleError("a rule repeats every 1 or more");
  }
  return { every: Number(every), unit, on: parseOn(unit, on, from), from, until };
}

function parseOn(unit, on, from) {
  if (unit === "weeks") {
    const days = on === undefined ? [weekday(from)] : on.split(",").map((name) => WEEKDAYS.indexOf(name));
    if (days.includes(-1)) {
      throw new RuleError(`${on} are no weekdays`);
    }
    return [...new Set(days)].sort((a, b) => a - b);
  }
  if (unit === "months") {
    const day = Number(on ?? from.slice(8));
    if (!(Number.isInteger(day) && day >= 1 && day <= 31)) {
      throw new RuleError(`${on} is no day of a month`);
    }
    return day;
  }
  if (on !== undefined) {
    throw new RuleError("days have no on");
  }
  return undefined;
}
