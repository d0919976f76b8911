import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSchedule } from "../src/index.js";
import { minutesOf } from "../src/schedule.js";

test("a schedule has a start and steps that follow each other", () => {
  const { start, steps } = parseSchedule("start 20\nramp 100/h to 600\nhold 1h30m\nfree to 100\n");
  assert.equal(start, 20);
  assert.deepEqual(steps, [
    { line: 2, kind: "ramp", rate: 100, from: 20, to: 600 },
    { line: 3, kind: "hold", minutes: 90, from: 600, to: 600 },
    { line: 4, kind: "free", from: 600, to: 100 },
  ]);
});

test("comments, empty lines, spaces and Windows' line ends are ignored", () => {
  const { steps } = parseSchedule("# slow\r\nstart   20\r\n\r\n  ramp 50/h   to 90 # steam\r\n");
  assert.deepEqual(steps, [{ line: 4, kind: "ramp", rate: 50, from: 20, to: 90 }]);
});

test("times are minutes, hours or both", () => {
  assert.deepEqual(["90m", "2h", "1h30m", "0m", "", "1.5h", "h"].map(minutesOf), [90, 120, 90, 0, NaN, NaN, NaN]);
});

for (const [name, text, message] of [
  ["an unknown word", "start 20\nboil", 'line 2: do not know "boil"'],
  ["a ramp that goes down", "start 20\nramp 50/h to 20", "line 2: ramp must go up from 20"],
  ["cooling that goes up", "start 20\nramp 50/h to 90\ncool 10/h to 95", "line 3: cool must go down from 90"],
  ["free cooling that goes up", "start 20\nfree to 20", "line 2: free must go down from 20"],
  ["too hot a step", "start 20\nramp 50/h to 1321", "line 2: 1321 is hotter than 1320"],
  ["a rate of nothing", "start 20\nramp 0/h to 90", "line 2: a rate of 0 never arrives"],
  ["a hold of nothing", "start 20\nhold 0m", "line 2: hold needs a time such as 90m or 1h30m"],
  ["no start", "ramp 50/h to 90", "line 1: the first step must be start"],
  ["two starts", "start 20\nstart 20", "line 2: start is given twice"],
  ["no steps", "start 20", "line 1: there are no steps"],
]) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseSchedule(text), { name: "ScheduleError", message });
  });
}
