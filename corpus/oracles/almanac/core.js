import assert from "node:assert/strict";
import { next, occurrences, parseRule } from "../lib/index.js";

describe("held out", () => {
  it("core", () => {
    assert.deepEqual(occurrences(parseRule("every 3 months on 29 from 2023-11-01"), "2023-11-01", "2025-01-01"), ["2023-11-29", "2024-02-29", "2024-05-29", "2024-08-29", "2024-11-29"]);
    assert.deepEqual(occurrences(parseRule("every weeks on sun,tue from 2026-01-07"), "2026-01-01", "2026-01-20"), ["2026-01-11", "2026-01-13", "2026-01-18"]);
    assert.equal(next(parseRule("every 40 days from 2026-01-01"), "2026-02-09"), "2026-02-10");
    assert.throws(() => parseRule("every fortnight from 2026-01-01"));
  });
});
