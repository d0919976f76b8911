import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, parseSchedule } from "../src/index.js";
import { comparison } from "../src/render.js";

const schedule = parseSchedule("start 20\nramp 60/h to 80\nhold 60m");

test("the worst reading is named, the first of equals", () => {
  const found = compare(schedule, [
    { minute: 0, celsius: 20 },
    { minute: 30, celsius: 30 },
    { minute: 60, celsius: 100 },
    { minute: 90, celsius: 65 },
  ]);
  assert.deepEqual(found, { worst: { minute: 30, celsius: 30, planned: 50, off: -20 }, share: 0.5 });
});

test("it is said in words", () => {
  const worst = { minute: 95, off: 19.6 };
  assert.deepEqual(comparison({ worst, share: 2 / 3 }), [
    "worst at 1:35: 20 degrees too hot",
    "67 % of the readings are close",
  ]);
  assert.deepEqual(comparison({ worst: { minute: 3, off: -0.4 }, share: 1 }), ["as planned"]);
});
