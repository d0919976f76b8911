import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../src/index.js";

test("waiting jobs are cancelled and never run", async () => {
  const queue = new Queue();
  const seen = [];
  const ids = ["a", "b", "c", "d"].map((name) => queue.add("note", name));
  assert.equal(queue.cancel(ids[2]), true);
  assert.equal(queue.size, 3);
  assert.deepEqual(queue.result(ids[2]), { state: "cancelled", attempts: 0 });
  assert.deepEqual(await queue.run({ note: async (name) => seen.push(name) }), { done: 3, failed: 0 });
  assert.deepEqual(seen, ["a", "b", "d"]);
});

test("others are not", async () => {
  const queue = new Queue();
  const id = queue.add("note", "x");
  let during;
  await queue.run({ note: async () => void (during = queue.cancel(id)) });
  assert.equal(during, false);
  assert.equal(queue.cancel(id), false);
  assert.equal(queue.result(id).state, "done");
  assert.equal(queue.cancel(1234), false);
  const twice = queue.add("note", "y");
  assert.deepEqual([queue.cancel(twice), queue.cancel(twice)], [true, false]);
});
