import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/index.js";

const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms, "late").unref());

test("slow jobs fail after their retries", { timeout: 4000 }, async () => {
  const queue = new Queue({ timeout: 15, retries: 1, sleep: async () => {} });
  const slow = queue.add("work", 900);
  const fast = queue.add("work", 1);
  const keep = setInterval(() => {}, 50);
  assert.deepEqual(await queue.run({ work: late }), { done: 1, failed: 1 });
  clearInterval(keep);
  assert.equal(queue.result(slow).attempts, 2);
  assert.match(queue.result(slow).error.message, /15 ms/);
  assert.equal(queue.result(fast).value, "late");
});

test("there is none by default", async () => {
  const queue = new Queue();
  const id = queue.add("work", 40);
  await queue.run({ work: (ms) => new Promise((resolve) => setTimeout(resolve, ms, "late")) });
  assert.equal(queue.result(id).value, "late");
});
