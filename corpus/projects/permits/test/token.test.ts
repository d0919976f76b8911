import assert from "node:assert/strict";
import { test } from "node:test";
import { issue, verify } from "../src/index.ts";

const KEY = "key-of-the-tests";

test("tokens come back", () => {
  assert.deepEqual(verify(issue({ user: "ana" }, KEY), KEY), { user: "ana" });
});

test("other keys do not fit", () => {
  assert.equal(verify(issue({ user: "ana" }, "another"), KEY), null);
});

test("changed bodies do not fit", () => {
  const [, sign] = issue({ user: "ana" }, KEY).split(".");
  const body = Buffer.from('{"user":"root"}').toString("base64url");
  assert.equal(verify(`${body}.${sign}`, KEY), null);
});

test("malformed tokens are refused", () => {
  for (const token of ["", ".", "a", "a.", ".b", "a.b", `${issue({ user: "ana" }, KEY)}.x`]) {
    assert.equal(verify(token, KEY), null, token);
  }
});
