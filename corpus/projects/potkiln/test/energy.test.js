import assert from "node:assert/strict";
import { test } from "node:test";
import { cost, energyByMinute, parseSchedule } from "../src/index.js";
import { atNight, clock } from "../src/energy.js";

const schedule = parseSchedule("start 18\nramp 120/h to 1018\nhold 30m\nfree to 100");

test("holding needs what leaks, and cooling needs nothing", () => {
  const used = energyByMinute(schedule);
  assert.equal(used.length, 879);
  assert.equal(Math.round(used[510]), 70);
  assert.equal(used[600], 0);
  assert.equal(used[0], 22);
});

test("night is from ten to six", () => {
  const minutes = [0, 359, 360, 1319, 1320, 1440, 1800];
  assert.deepEqual(minutes.map(atNight), [true, true, false, false, true, true, false]);
});

test("clocks have two digits each", () => {
  assert.deepEqual(["06:30", "23:59", "24:00", "6:30", ""].map(clock), [390, 1439, null, null, null]);
});

test("a firing costs its energy", () => {
  assert.deepEqual(cost(schedule), { kWh: 30.6, money: 9.78 });
  assert.deepEqual(cost(schedule, { price: 0.5 }), { kWh: 30.6, money: 15.28 });
});

test("the night may be cheaper", () => {
  assert.deepEqual(cost(schedule, { at: clock("08:00"), night: 0.1 }), { kWh: 30.6, money: 9.78 });
  assert.deepEqual(cost(schedule, { at: clock("20:00"), night: 0.1 }), { kWh: 30.6, money: 3.86 });
});
