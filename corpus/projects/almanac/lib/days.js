const MS = 86_400_000;

const number = (day) => Date.parse(`${day}T00:00:00Z`) / MS;
const text = (value) => new Date(value * MS).toISOString().slice(0, 10);

/** Whether a text is a day of the calendar. */
export function isDay(day) {
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(number(day)) && text(number(day)) === day;
}

/** The day so many days later. */
export function addDays(day, count) {
  return text(number(day) + count);
}

/** How many days lie between. */
export function daysBetween(first, second) {
  return number(second) - number(first);
}

/** 0 for Monday to 6 for Sunday. */
export function weekday(day) {
  return (number(day) + 3) % 7;
}
