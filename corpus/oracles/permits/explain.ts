import assert from "node:assert/strict";
import { test } from "node:test";
import * as permits from "../src/index.ts";

const { explain, parsePolicy } = permits as never as { explain: Function; parsePolicy: typeof permits.parsePolicy };
const policy = parsePolicy({
  staff: { allow: ["room:*:enter"] },
  guard: { allow: ["room:**"], extend: ["staff"] },
  night: { deny: ["room:vault:**"] },
});
const user = (...roles: string[]) => ({ grants: roles.map((role) => ({ role })) });

test("explains", () => {
  assert.deepEqual(explain(policy, user("staff", "night"), "room:vault:enter", 0), {
    allowed: false, rule: "deny", role: "night", pattern: "room:vault:**",
  });
  assert.deepEqual(explain(policy, user("guard"), "room:4:lock", 0), {
    allowed: true, rule: "allow", role: "guard", pattern: "room:**",
  });
  assert.deepEqual(explain(policy, user("staff"), "room:4:lock", 0), { allowed: false, rule: "none" });
  const inherited = parsePolicy({ base: { allow: ["x"] }, top: { extend: ["base"] } });
  assert.deepEqual(explain(inherited, user("top"), "x", 0), { allowed: true, rule: "allow", role: "base", pattern: "x" });
  assert.deepEqual(explain(policy, { grants: [{ role: "guard", until: 5 }] }, "room:4:lock", 9), { allowed: false, rule: "none" });
});
