import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLog } from "../src/index.js";

test("reads minutes and temperatures", () => {
  assert.deepEqual(parseLog("minute,celsius\n0,20\r\n1.5, 21.25\n\n3,-2\n"), [
    { minute: 0, celsius: 20 },
    { minute: 1.5, celsius: 21.25 },
    { minute: 3, celsius: -2 },
  ]);
});

for (const [name, text, message] of [
  ["another head", "time,temp\n0,20", "log line 1: the head must be minute,celsius"],
  ["words", "minute,celsius\n0,20\n1,ERR", "log line 3: not two numbers: 1,ERR"],
  ["a missing field", "minute,celsius\n0", "log line 2: not two numbers: 0"],
  ["an empty field", "minute,celsius\n0,", "log line 2: not two numbers: 0,"],
  ["minutes that stand", "minute,celsius\n0,20\n0,21", "log line 3: minute 0 does not come after 0"],
  ["no readings", "minute,celsius\n", "log line 2: there are no readings"],
]) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseLog(text), { name: "LogError", message });
  });
}
