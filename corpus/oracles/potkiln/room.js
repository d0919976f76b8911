import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule, totalMinutes } from "../src/index.js";

test("held out: free needs more than the room's temperature", () => {
  for (const text of ["start 10\nfree to 5", "start 18\nfree to 9", "start 5\nramp 10/h to 15\nfree to 12"]) {
    assert.throws(() => parseSchedule(text), { name: "ScheduleError", message: /free needs more than 18 degrees/ });
  }
  assert.ok(totalMinutes(parseSchedule("start 20\nfree to 19")) > 0);
  assert.ok(totalMinutes(parseSchedule("start 19\nfree to 5")) >= 0);
});
