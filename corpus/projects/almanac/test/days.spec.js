import assert from "node:assert/strict";
import { addDays, isDay, weekday } from "../lib/index.js";

describe("days", () => {
  it("are days of the calendar", () => {
    for (const day of ["2026-02-28", "2024-02-29", "1999-12-31"]) {
      assert.equal(isDay(day), true, day);
    }
    for (const day of ["2026-02-29", "2026-13-01", "2026-1-1", "tomorrow", ""]) {
      assert.equal(isDay(day), false, day);
    }
  });

  it("are counted over months and years", () => {
    assert.equal(addDays("2026-02-27", 2), "2026-03-01");
    assert.equal(addDays("2026-01-01", -1), "2025-12-31");
  });

  it("have weekdays from Monday", () => {
    assert.deepEqual(["2026-01-05", "2026-01-08", "2026-01-11"].map(weekday), [0, 3, 6]);
  });
});
