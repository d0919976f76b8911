import assert from "node:assert/strict";
import { test } from "node:test";
import { cost, energyByMinute, parseSchedule } from "../src/index.js";

const sum = (used) => used.reduce((all, each) => all + each, 0);

test("held out: a part of a minute counts by its part", () => {
  const used = energyByMinute(parseSchedule("start 1018\nramp 3000/h to 1043"));
  assert.equal(used.length, 1);
  assert.equal(Math.round(used[0]), 310);
  const two = energyByMinute(parseSchedule("start 1018\nhold 1m\nramp 6000/h to 1028"));
  assert.equal(Math.round(two[1] * 10), Math.round((70 * 0.1 + 110) * 10));
  assert.equal(Math.round(sum(energyByMinute(parseSchedule("start 1018\nhold 2m")))), 140);
  assert.equal(cost(parseSchedule("start 18\nramp 120/h to 1018\nhold 30m\nfree to 100")).kWh, 30.6);
});
