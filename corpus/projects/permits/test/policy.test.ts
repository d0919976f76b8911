import assert from "node:assert/strict";
import { test } from "node:test";
import { PolicyError, can, parsePolicy } from "../src/index.ts";

const policy = parsePolicy({
  reader: { allow: ["doc:*:read"] },
  editor: { allow: ["doc:*:write"], extend: ["reader"] },
  suspended: { deny: ["**"] },
  legal: { allow: ["**"], deny: ["doc:secret:**"] },
});
const NOW = 1_000_000;
const user = (...roles: string[]) => ({ grants: roles.map((role) => ({ role })) });

test("roles allow", () => {
  assert.equal(can(policy, user("reader"), "doc:1:read", NOW), true);
  assert.equal(can(policy, user("reader"), "doc:1:write", NOW), false);
  assert.equal(can(policy, user(), "doc:1:read", NOW), false);
});

test("roles extend others", () => {
  assert.equal(can(policy, user("editor"), "doc:1:read", NOW), true);
  assert.equal(can(policy, user("editor"), "doc:1:write", NOW), true);
});

test("a deny of any role wins", () => {
  assert.equal(can(policy, user("editor", "suspended"), "doc:1:read", NOW), false);
  assert.equal(can(policy, user("legal"), "doc:secret:read", NOW), false);
  assert.equal(can(policy, user("legal"), "doc:1:read", NOW), true);
});

test("grants end", () => {
  const at = (until: number) => ({ grants: [{ role: "reader", until }] });
  assert.equal(can(policy, at(NOW + 5000), "doc:1:read", NOW), true);
  assert.equal(can(policy, at(NOW - 5000), "doc:1:read", NOW), false);
});

test("policies are checked", () => {
  assert.throws(() => parsePolicy({ a: { extend: ["b"] } }), new PolicyError("there is no role b"));
  assert.throws(() => parsePolicy({ a: { extend: ["b"] }, b: { extend: ["a"] } }), /a extends b extends a/);
  assert.throws(() => can(policy, user("ghost"), "doc:1:read", NOW), PolicyError);
});
