import assert from "node:assert/strict";
import { RuleError, next, occurrences, parseRule } from "../lib/index.js";

describe("held out", () => {
  it("leaves days out", () => {
    const rule = parseRule("every 2 days from 2026-05-01 until 2026-05-12 except 2026-05-03,2026-05-09");
    assert.deepEqual(rule.except, ["2026-05-03", "2026-05-09"]);
    assert.deepEqual(occurrences(rule, "2026-05-01", "2026-05-20"), ["2026-05-01", "2026-05-05", "2026-05-07", "2026-05-11"]);
    assert.equal(next(rule, "2026-05-01"), "2026-05-05");
    assert.equal(next(parseRule("every days from 2026-05-01 until 2026-05-02 except 2026-05-02"), "2026-05-01"), null);
    assert.deepEqual(occurrences(parseRule("every weeks from 2026-05-01 except 2026-05-08"), "2026-05-01", "2026-05-20"), ["2026-05-01", "2026-05-15"]);
    assert.throws(() => parseRule("every days from 2026-05-01 except 2026-05-32"), RuleError);
  });
});
