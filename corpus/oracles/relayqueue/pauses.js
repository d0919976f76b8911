import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/index.js";

async function pauses(options) {
  const seen = [];
  const queue = new Queue({ ...options, sleep: async (ms) => void seen.push(ms) });
  queue.add("bad");
  await queue.run({ bad: () => Promise.reject(new Error("no")) });
  return seen;
}

test("pauses before retries", async () => {
  assert.deepEqual(await pauses({ retries: 3 }), [100, 200, 400]);
  assert.deepEqual(await pauses({ retries: 4, backoff: { base: 7, max: 20 } }), [7, 14, 20, 20]);
  assert.deepEqual(await pauses({ retries: 0 }), []);
});
