import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LABELS, label } from "../src/labels.js";
import { timeline } from "../src/timeline.js";

const states = Object.keys(JSON.parse(readFileSync(new URL("../../schema/states.json", import.meta.url), "utf8")));

test("every state of the schema has labels", () => {
  assert.deepEqual(Object.keys(LABELS).sort(), states.sort());
  for (const state of states) {
    assert.deepEqual(Object.keys(LABELS[state]), ["en", "de"]);
  }
});

test("labels are in a language", () => {
  assert.equal(label("sorted"), "in the depot");
  assert.equal(label("sorted", "de"), "im Depot");
  assert.equal(label("sorted", "fr"), "in the depot");
  assert.throws(() => label("lost"), RangeError);
});

test("timelines begin with the newest", () => {
  assert.deepEqual(timeline([["announced", 0], ["collected", 3600], ["sorted", 90000]], "de"), [
    "1970-01-02 01:00 im Depot",
    "1970-01-01 01:00 abgeholt",
    "1970-01-01 00:00 angekündigt",
  ]);
});
