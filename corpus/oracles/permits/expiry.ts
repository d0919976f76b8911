import assert from "node:assert/strict";
import { test } from "node:test";
import * as permits from "../src/index.ts";

const { issue, verify } = permits as never as { issue: Function; verify: Function };

test("tokens expire", () => {
  const token = issue({ user: "kim" }, "k3", 90_000);
  assert.deepEqual(verify(token, "k3", 89_999), { user: "kim", expires: 90_000 });
  assert.equal(verify(token, "k3", 90_000), null);
  assert.equal(verify(token, "k4", 5), null);
  assert.deepEqual(verify(issue({ user: "kim" }, "k3"), "k3", 1e15), { user: "kim" });
});

test("the end is signed", () => {
  const [, sign] = issue({ user: "kim" }, "k3", 10).split(".");
  const body = Buffer.from(JSON.stringify({ user: "kim", expires: 99 })).toString("base64url");
  assert.equal(verify(`${body}.${sign}`, "k3", 50), null);
});
