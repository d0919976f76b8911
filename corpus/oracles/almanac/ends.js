import assert from "node:assert/strict";
import { occurrences, parseRule } from "../lib/index.js";

describe("held out", () => {
  it("includes the last day", () => {
    const list = (source, from, to) => occurrences(parseRule(source), from, to);
    assert.deepEqual(list("every 5 days from 2026-03-01", "2026-03-01", "2026-03-11"), ["2026-03-01", "2026-03-06", "2026-03-11"]);
    assert.deepEqual(list("every weeks from 2026-03-02", "2026-03-09", "2026-03-09"), ["2026-03-09"]);
    assert.deepEqual(list("every months on 30 from 2026-01-01", "2026-01-01", "2026-03-30"), ["2026-01-30", "2026-03-30"]);
    assert.deepEqual(list("every days from 2026-03-01 until 2026-03-02", "2026-01-01", "2026-04-01"), ["2026-03-01", "2026-03-02"]);
  });
});
