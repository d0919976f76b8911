import { ROOM, temperatureAt, timeline } from "./timeline.js";

/** Watts that leak for each degree above the room. */
const LEAK = 4.2;
/** Watt hours that the bricks and pots take for each degree. */
const MASS = 11;

/** Watt hours used in each minute of the firing. While the kiln cools, nothing is used. */
export function energyByMinute(schedule) {
  const segments = timeline(schedule);
  const used = [];
  for (let minute = 0; minute < segments.at(-1).end; minute += 1) {
    const before = temperatureAt(segments, minute);
    const rise = temperatureAt(segments, minute + 1) - before;
    used.push(rise < 0 ? 0 : (LEAK * (before - ROOM)) / 60 + MASS * rise);
  }
  return used.map((wattHours) => Math.max(0, wattHours));
}

const NIGHT_BEGINS = 22 * 60;
const NIGHT_ENDS = 6 * 60;

/** Whether a minute since the midnight before the firing is at night. */
export function atNight(minute) {
  const ofDay = minute % (24 * 60);
  return ofDay >= NIGHT_BEGINS || ofDay < NIGHT_ENDS;
}

/** Minutes since midnight of `HH:MM`; null for anything else. */
export function clock(text) {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}

/** What a firing uses (kWh) and costs. Prices are for a kWh; `at` is in minutes since midnight. */
export function cost(schedule, { at = 0, price = 0.32, night = price } = {}) {
  let wattHours = 0;
  let money = 0;
  for (const [minute, used] of energyByMinute(schedule).entries()) {
    wattHours += used;
    money += (used / 1000) * (atNight(at + minute) ? night : price);
  }
  return { kWh: Math.round(wattHours / 100) / 10, money: Math.round(money * 100) / 100 };
}
