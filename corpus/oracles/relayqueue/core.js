import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError, Queue, backoff } from "../src/index.js";

test("core", async () => {
  const queue = new Queue({ concurrency: 2, retries: 1, sleep: async () => {} });
  const seen = [];
  const ids = [["a", 1], ["b", 3], ["c", 2]].map(([name, priority]) => queue.add("note", name, { priority }));
  queue.add("boom");
  let booms = 0;
  const counts = await queue.run({
    note: async (name) => seen.push(name),
    boom: async () => {
      booms += 1;
      throw booms === 2 ? new FatalError("x") : new Error("y");
    },
  });
  assert.deepEqual(seen, ["b", "c", "a"]);
  assert.deepEqual(counts, { done: 3, failed: 1 });
  assert.equal(booms, 2);
  assert.equal(queue.result(ids[0]).state, "done");
  assert.equal(backoff(6), 3200);
});
