import assert from "node:assert/strict";
import { test } from "node:test";
import { can, parsePolicy } from "../src/index.ts";

test("a grant does not count at its end", () => {
  const policy = parsePolicy({ reader: { allow: ["**"] }, blocked: { deny: ["a:**"] } });
  const at = (role: string, until: number) => ({ role, until });
  assert.equal(can(policy, { grants: [at("reader", 500)] }, "a:b", 499), true);
  assert.equal(can(policy, { grants: [at("reader", 500)] }, "a:b", 500), false);
  assert.equal(can(policy, { grants: [at("reader", 7)] }, "a:b", 7), false);
  assert.equal(can(policy, { grants: [{ role: "reader" }, at("blocked", 500)] }, "a:b", 500), true);
});
