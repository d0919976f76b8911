import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../src/index.ts";

const table: [string, string, boolean][] = [
  ["doc:read", "doc:read", true],
  ["doc:read", "doc:write", false],
  ["doc:read", "doc:read:all", false],
  ["doc:*:read", "doc:12:read", true],
  ["doc:*:read", "doc:read", false],
  ["doc:*", "doc:12:read", false],
  ["doc:**", "doc:12:read", true],
  ["doc:**", "doc", true],
  ["doc:**", "docs:12", false],
  ["**", "anything:at:all", true],
  ["**:read", "doc:read", false],
];

for (const [pattern, permission, expected] of table) {
  test(`${pattern} ${expected ? "covers" : "does not cover"} ${permission}`, () => {
    assert.equal(matches(pattern, permission), expected);
  });
}
