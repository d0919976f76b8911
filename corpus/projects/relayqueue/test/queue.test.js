import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FatalError, Queue } from "../src/index.js";

const nothing = async () => {};

describe("order", () => {
  it("starts jobs in the order they were added", async () => {
    const queue = new Queue();
    const seen = [];
    for (const name of ["a", "b", "c"]) {
      queue.add("note", name);
    }
    assert.equal(queue.size, 3);
    await queue.run({ note: async (name) => seen.push(name) });
    assert.deepEqual(seen, ["a", "b", "c"]);
    assert.equal(queue.size, 0);
  });

  it("starts higher priorities first", async () => {
    const queue = new Queue();
    const seen = [];
    queue.add("note", "low", { priority: -1 });
    queue.add("note", "first");
    queue.add("note", "high", { priority: 9 });
    queue.add("note", "second");
    await queue.run({ note: async (name) => seen.push(name) });
    assert.deepEqual(seen, ["high", "first", "second", "low"]);
  });
});

describe("concurrency", () => {
  it("runs no more jobs at once than allowed", async () => {
    const queue = new Queue({ concurrency: 3 });
    let running = 0;
    let most = 0;
    for (let index = 0; index < 10; index += 1) {
      queue.add("work", index);
    }
    await queue.run({
      work: async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
      },
    });
    assert.equal(most, 3);
  });

  it("refuses a concurrency that is no positive integer", () => {
    for (const concurrency of [0, -1, 1.5, "2"]) {
      assert.throws(() => new Queue({ concurrency }), RangeError);
    }
  });
});

describe("results", () => {
  it("keeps values and counts attempts", async () => {
    const queue = new Queue();
    const id = queue.add("double", 21);
    assert.deepEqual(queue.result(id), { state: "waiting", attempts: 0 });
    assert.deepEqual(await queue.run({ double: async (n) => n * 2 }), { done: 1, failed: 0 });
    assert.deepEqual(queue.result(id), { state: "done", value: 42, attempts: 1 });
    assert.equal(queue.result(99), undefined);
  });

  it("tries again until it works", async () => {
    const queue = new Queue({ retries: 3, sleep: nothing });
    let calls = 0;
    const id = queue.add("flaky");
    await queue.run({
      flaky: async () => {
        if (++calls < 3) {
          throw new Error("not yet");
        }
        return "ok";
      },
    });
    assert.deepEqual(queue.result(id), { state: "done", value: "ok", attempts: 3 });
  });

  it("fails after the last retry", async () => {
    const queue = new Queue({ retries: 2, sleep: nothing });
    const id = queue.add("bad");
    const counts = await queue.run({ bad: () => Promise.reject(new Error("no")) });
    assert.deepEqual(counts, { done: 0, failed: 1 });
    const { state, error, attempts } = queue.result(id);
    assert.deepEqual([state, error.message, attempts], ["failed", "no", 3]);
  });

  it("does not retry fatal errors", async () => {
    const queue = new Queue({ retries: 5, sleep: nothing });
    const id = queue.add("bad");
    await queue.run({
      bad: async () => {
        throw new FatalError("broken");
      },
    });
    assert.equal(queue.result(id).attempts, 1);
  });

  it("fails jobs without a handler", async () => {
    const queue = new Queue({ retries: 5, sleep: nothing });
    const id = queue.add("unknown");
    assert.deepEqual(await queue.run({}), { done: 0, failed: 1 });
    assert.match(queue.result(id).error.message, /no handler for unknown/);
  });
});
