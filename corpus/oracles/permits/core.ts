import assert from "node:assert/strict";
import { test } from "node:test";
import { can, issue, matches, parsePolicy, verify } from "../src/index.ts";

test("core", () => {
  const policy = parsePolicy({ a: { allow: ["x:*:y"], extend: ["b"] }, b: { allow: ["z:**"], deny: ["z:q"] } });
  const user = { grants: [{ role: "a" }] };
  assert.deepEqual(["x:1:y", "x:y", "z", "z:q", "z:q:r"].map((it) => can(policy, user, it, 0)), [true, false, true, false, true]);
  assert.equal(matches("*", "a:b"), false);
  const token = issue({ user: "lee" }, "s1");
  assert.deepEqual(verify(token, "s1"), { user: "lee" });
  assert.equal(verify(token, "s2"), null);
  assert.equal(verify(`${token}A`, "s1"), null);
  assert.throws(() => parsePolicy({ a: { extend: ["a"] } }));
});
