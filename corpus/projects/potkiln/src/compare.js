import { temperatureAt, timeline } from "./timeline.js";

export const CLOSE = 15;

/**
 * How far a firing was from its plan: the reading that is furthest off (the first of equals),
 * and the share of readings that are close, from 0 to 1.
 */
export function compare(schedule, readings) {
  const segments = timeline(schedule);
  let worst = null;
  let close = 0;
  for (const { minute, celsius } of readings) {
    const planned = temperatureAt(segments, minute);
    const off = celsius - planned;
    if (Math.abs(off) <= CLOSE) {
      close += 1;
    }
    if (worst === null || Math.abs(off) > Math.abs(worst.off)) {
      worst = { minute, celsius, planned, off };
    }
  }
  return { worst, share: close / readings.length };
}
