import assert from "node:assert/strict";
import { test } from "node:test";
import { timeline } from "../src/timeline.js";

test("of equal times the later event comes first", () => {
  const lines = timeline([["announced", 60], ["collected", 60], ["sorted", 60], ["loaded", 120]]);
  assert.deepEqual(lines.map((line) => line.slice(17)), ["on its way", "in the depot", "collected", "announced"]);
});
