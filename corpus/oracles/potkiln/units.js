import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLog, parseSchedule } from "../src/index.js";

test("held out: Fahrenheit becomes Celsius", () => {
  const { start, steps } = parseSchedule("unit F\nstart 68\nramp 180/h to 1112 # quartz\nhold 5m\ncool 90/h to 1000\n");
  assert.equal(start, 20);
  assert.deepEqual(
    steps.map(({ kind, rate, from, to }) => [kind, rate, from, to]),
    [
      ["ramp", 100, 20, 600],
      ["hold", undefined, 600, 600],
      ["cool", 50, 600, 538],
    ],
  );
  assert.equal(parseSchedule("unit C\nstart 20\nramp 10/h to 90").steps[0].rate, 10);
});

test("held out: units at the wrong place", () => {
  for (const [text, message] of [
    ["start 20\nunit F\nramp 10/h to 90", "line 2: unit must come before start"],
    ["unit F\nunit F\nstart 68", "line 2: unit is given twice"],
    ["unit K\nstart 68", 'line 1: do not know "unit K"'],
    ["unit F\nstart 68\nramp 100/h to 2409", "line 3: 1321 is hotter than 1320"],
  ]) {
    assert.throws(() => parseSchedule(text), { message });
  }
});

test("held out: logs in Fahrenheit", () => {
  assert.deepEqual(parseLog("minute,fahrenheit\n0,68\n2,212.9\n"), [
    { minute: 0, celsius: 20 },
    { minute: 2, celsius: 100.5 },
  ]);
});
