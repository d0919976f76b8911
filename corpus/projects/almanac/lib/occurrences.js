import { addDays, daysBetween, isDay, weekday } from "./days.js";

const FAR = "9999-12-31";

function* days({ every, from }) {
  for (let day = from; ; day = addDays(day, every)) {
    yield day;
  }
}

function* weeks({ every, on, from }) {
  for (let monday = addDays(from, -weekday(from)); ; monday = addDays(monday, 7 * every)) {
    for (const offset of on) {
      const day = addDays(monday, offset);
      if (day >= from) {
        yield day;
      }
    }
  }
}

function* months({ every, on, from }) {
  const [year, month] = from.split("-").map(Number);
  for (let index = month - 1; ; index += every) {
    const day = `${year + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}-${String(on).padStart(2, "0")}`;
    if (day > FAR) {
      return;
    }
    if (isDay(day) && day >= from) {
      yield day;
    }
  }
}

const UNITS = { days, weeks, months };

function* all(rule) {
  for (const day of UNITS[rule.unit](rule)) {
    if (day > (rule.until ?? FAR)) {
      return;
    }
    yield day;
  }
}

/** The days of a rule from `from` to `to`, both included. */
export function occurrences(rule, from, to) {
  const found = [];
  for (const day of all(rule)) {
    if (day >= to) {
      break;
    }
    if (daysBetween(from, day) >= 0) {
      found.push(day);
    }
  }
  return found;
}

/** The first day of a rule after `after`; null when there is none. */
export function next(rule, after) {
  for (const day of all(rule)) {
    if (day > after) {
      return day;
    }
  }
  return null;
}
