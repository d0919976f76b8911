import assert from "node:assert/strict";
import { RuleError, parseRule } from "../lib/index.js";

describe("rules", () => {
  it("are read", () => {
    assert.deepEqual(parseRule("every 2 weeks on thu,mon from 2026-01-05 until 2026-03-01"), {
      every: 2,
      unit: "weeks",
      on: [0, 3],
      from: "2026-01-05",
      until: "2026-03-01",
    });
  });

  it("have defaults", () => {
    assert.deepEqual(parseRule("every weeks from 2026-01-08").on, [3]);
    assert.equal(parseRule("every months from 2026-01-31").on, 31);
    assert.equal(parseRule("every days from 2026-01-31").every, 1);
  });

  const refused = {
    "daily": /can not read/,
    "every 0 days from 2026-01-01": /1 or more/,
    "every days from 2026-02-30": /2026-02-30 is no day/,
    "every days from 2026-02-01 until never": /never is no day/,
    "every weeks on mon,may from 2026-01-01": /no weekdays/,
    "every months on 32 from 2026-01-01": /no day of a month/,
    "every days on mon from 2026-01-01": /days have no on/,
  };
  for (const [source, reason] of Object.entries(refused)) {
    it(`refuse ${source}`, () => {
      assert.throws(() => parseRule(source), (error) => error instanceof RuleError && reason.test(error.message));
    });
  }
});
