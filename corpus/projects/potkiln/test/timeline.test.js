import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSchedule, temperatureAt, timeline, totalMinutes } from "../src/index.js";

const plan = (text) => timeline(parseSchedule(text));

describe("timeline", () => {
  it("takes the time of the way at the rate", () => {
    assert.deepEqual(plan("start 20\nramp 100/h to 120\nhold 10m\ncool 200/h to 20"), [
      { kind: "ramp", from: 20, to: 120, begin: 0, end: 60 },
      { kind: "hold", from: 120, to: 120, begin: 60, end: 70 },
      { kind: "cool", from: 120, to: 20, begin: 70, end: 100 },
    ]);
  });

  it("cools freely by 35 % of the distance to the room each hour", () => {
    const segments = plan("start 20\nramp 100/h to 1018\nfree to 100");
    const begin = segments[1].begin;
    assert.equal(Math.round(temperatureAt(segments, begin + 60)), 668);
    assert.equal(Math.round(segments[1].end - begin), 348);
  });

  it("never quite cools to the room", () => {
    assert.equal(Math.round(totalMinutes(parseSchedule("start 18\nramp 60/h to 118\nfree to 10"))), 741);
  });
});

describe("temperatureAt", () => {
  const segments = plan("start 20\nramp 60/h to 80\nhold 5m\nramp 120/h to 100");

  for (const [minute, celsius] of [
    [-1, 20],
    [0, 20],
    [30, 50],
    [60, 80],
    [63, 80],
    [70, 90],
    [75, 100],
    [500, 100],
  ]) {
    it(`is ${celsius} at ${minute}`, () => {
      assert.equal(temperatureAt(segments, minute), celsius);
    });
  }
});
