import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { main } from "../src/cli.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function potkiln(...words) {
  const [out, err] = [[], []];
  const code = main(words, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

describe("potkiln", () => {
  let folder;
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "potkiln-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const name of ["bisque", "crystal"]) {
    it(`plans ${name}`, () => {
      const golden = readFileSync(here(`golden/${name}.txt`), "utf8");
      assert.equal(potkiln("plan", here(`../schedules/${name}.txt`)).out.join("\n") + "\n", golden);
    });
  }

  it("checks", () => {
    const good = file("good.txt", "start 20\nramp 60/h to 80\n");
    assert.deepEqual(potkiln("check", good), { code: 0, out: ["fine: 1 steps, 60 minutes"], err: [] });
    const bad = file("bad.txt", "start 20\nramp 60/h to 10\n");
    assert.deepEqual(potkiln("check", bad), { code: 1, out: [], err: ["potkiln: line 2: ramp must go up from 20"] });
  });

  it("tells the cost", () => {
    const crystal = here("../schedules/crystal.txt");
    assert.deepEqual(potkiln("cost", crystal).out, ["48.8 kWh, 15.63"]);
    assert.deepEqual(potkiln("cost", crystal, "--at", "20:00", "--night", "0.2", "--price", "0.4").out, [
      "48.8 kWh, 12.64",
    ]);
  });

  it("compares", () => {
    const plan = file("plan.txt", "start 20\nramp 60/h to 80\n");
    const log = file("log.csv", "minute,celsius\n0,20\n30,46\n60,60\n");
    assert.deepEqual(potkiln("compare", plan, log).out, [
      "worst at 1:00: 20 degrees too cold",
      "67 % of the readings are close",
    ]);
    const broken = file("broken.csv", "minute,celsius\n0,20\n30,OPEN\n60,60\n");
    assert.deepEqual(potkiln("compare", plan, broken), {
      code: 1,
      out: [],
      err: ["potkiln: log line 3: not two numbers: 30,OPEN"],
    });
  });

  it("refuses wrong usage", () => {
    const crystal = here("../schedules/crystal.txt");
    for (const words of [
      [],
      ["plan"],
      ["fire", crystal],
      ["toString", crystal],
      ["plan", crystal, "more"],
      ["plan", "/nowhere.txt"],
      ["compare", crystal],
      ["cost", crystal, "--at"],
      ["cost", crystal, "--at", "8:00"],
      ["cost", crystal, "--price", "-1"],
      ["cost", crystal, "--loud", "1"],
    ]) {
      const { code, out, err } = potkiln(...words);
      assert.deepEqual([code, out, err.length], [2, [], 1], words.join(" "));
    }
  });

  it("is a program", () => {
    const done = spawnSync(process.execPath, [here("../bin/potkiln.js"), "check", here("../schedules/bisque.txt")]);
    assert.equal(done.status, 0);
    assert.match(String(done.stdout), /^fine: 6 steps, \d+ minutes\n$/);
    assert.equal(spawnSync(process.execPath, [here("../bin/potkiln.js")]).status, 2);
  });
});
