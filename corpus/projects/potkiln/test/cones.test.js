import assert from "node:assert/strict";
import { test } from "node:test";
import { coneTemperature, nearestCone } from "../src/index.js";

test("a cone bends at its temperature", () => {
  assert.equal(coneTemperature("06"), 998);
  assert.equal(coneTemperature(6), 1222);
  assert.equal(coneTemperature("7"), null);
});

test("the nearest cone is the hottest that bends", () => {
  assert.deepEqual([589, 590, 997, 998, 1221, 1320].map(nearestCone), [null, "022", "08", "06", "5", "10"]);
});
