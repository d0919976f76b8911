import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../src/index.js";

test("pauses double", () => {
  assert.deepEqual([1, 2, 3, 4].map((retry) => backoff(retry)), [100, 200, 400, 800]);
});

test("pauses have a limit", () => {
  assert.equal(backoff(20), 10_000);
  assert.equal(backoff(3, { base: 50, max: 120 }), 120);
});

test("retries are counted from 1", () => {
  for (const retry of [0, -1, 1.5, Number.NaN, "1"]) {
    assert.throws(() => backoff(retry), RangeError);
  }
});
