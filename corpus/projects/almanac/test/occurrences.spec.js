import assert from "node:assert/strict";
import { next, occurrences, parseRule } from "../lib/index.js";

const list = (source, from, to) => occurrences(parseRule(source), from, to);

describe("occurrences", () => {
  it("of days", () => {
    assert.deepEqual(list("every 10 days from 2026-01-25", "2026-01-01", "2026-02-20"), ["2026-01-25", "2026-02-04", "2026-02-14"]);
    assert.deepEqual(list("every 10 days from 2026-01-25", "2026-02-04", "2026-02-10"), ["2026-02-04"]);
  });

  it("of weeks", () => {
    assert.deepEqual(list("every 2 weeks on mon,thu from 2026-01-07", "2026-01-01", "2026-01-31"), ["2026-01-08", "2026-01-19", "2026-01-22"]);
  });

  it("of months, leaving out those that lack the day", () => {
    assert.deepEqual(list("every months from 2025-12-31", "2026-01-01", "2026-06-01"), ["2026-01-31", "2026-03-31", "2026-05-31"]);
    assert.deepEqual(list("every 6 months on 1 from 2026-01-02", "2026-01-01", "2027-02-01"), ["2026-07-01", "2027-01-01"]);
  });

  it("end with until", () => {
    assert.deepEqual(list("every days from 2026-01-01 until 2026-01-03", "2026-01-02", "2026-02-01"), ["2026-01-02", "2026-01-03"]);
  });
});

describe("next", () => {
  it("is after the day", () => {
    const rule = parseRule("every 3 days from 2026-01-01 until 2026-01-07");
    assert.equal(next(rule, "2025-06-01"), "2026-01-01");
    assert.equal(next(rule, "2026-01-01"), "2026-01-04");
    assert.equal(next(rule, "2026-01-07"), null);
  });
});
