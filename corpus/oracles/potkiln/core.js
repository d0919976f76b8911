import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, cost, parseSchedule, temperatureAt, timeline } from "../src/index.js";

const schedule = parseSchedule("start 20\nramp 100/h to 620\nhold 45m\ncool 80/h to 500\nfree to 60");

test("held out: temperatures in every segment", () => {
  const segments = timeline(schedule);
  const told = [0, 180, 360, 400, 405, 450, 495, 555, 5000].map((minute) => Math.round(temperatureAt(segments, minute)));
  assert.deepEqual(told, [20, 320, 620, 620, 620, 560, 500, 331, 60]);
});

test("held out: readings between, at and after the ends of segments", () => {
  const readings = [0, 1, 359.5, 360, 405, 406, 495, 496, 3000, 3001].map((minute) => ({ minute, celsius: 60 }));
  const { worst, share } = compare(schedule, readings);
  assert.equal(worst.minute, 360);
  assert.equal(worst.off, -560);
  assert.equal(share, 0.2);
  assert.equal(typeof cost(schedule).money, "number");
  const late = compare(schedule, [{ minute: 370, celsius: 640 }, { minute: 380, celsius: 600 }]);
  assert.deepEqual([late.worst.minute, late.worst.off, late.share], [370, 20, 0]);
});
