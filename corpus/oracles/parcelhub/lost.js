import assert from "node:assert/strict";
import { test } from "node:test";
import { label } from "../src/labels.js";

test("lost has labels", () => {
  assert.deepEqual([label("lost"), label("lost", "de")], ["lost", "verloren"]);
});
