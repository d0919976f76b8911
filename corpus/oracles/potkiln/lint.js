import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { main } from "../src/cli.js";

const folder = mkdtempSync(join(tmpdir(), "potkiln-held-out-"));

function lint(text, ...words) {
  const file = join(folder, "schedule.txt");
  writeFileSync(file, text);
  const out = [];
  const code = main(["lint", file, ...words], { out: (line) => out.push(line), err: () => {} });
  return [code, ...out];
}

const ALL = "start 20\nramp 90/h to 300\nramp 230/h to 1000\ncool 130/h to 400\nhold 40h\n";

test("held out: every warning", () => {
  assert.deepEqual(lint(ALL), [
    1,
    "line 2: fast-wet: 90/h through 100 degrees, 80 at most",
    "line 3: quartz: 230/h up through 573 degrees, 200 at most",
    "line 3: no-soak: the hottest step is not followed by a hold",
    "line 4: quartz: 130/h down through 573 degrees, 120 at most",
    "line 5: long: the firing takes more than 36 hours",
  ]);
});

test("held out: nothing to warn of", () => {
  const fine = "start 20\nramp 80/h to 120\nramp 200/h to 1000\nhold 10m\ncool 120/h to 400\nfree to 90\n";
  assert.deepEqual(lint(fine), [0, "no warnings"]);
  assert.deepEqual(lint("start 20\nramp 300/h to 99\nhold 1m"), [0, "no warnings"]);
});

test("held out: some are ignored", () => {
  assert.deepEqual(lint(ALL, "--ignore", "quartz,long,fast-wet").slice(1), [
    "line 3: no-soak: the hottest step is not followed by a hold",
  ]);
  assert.deepEqual(lint(ALL, "--ignore", "quartz,long,fast-wet,no-soak"), [0, "no warnings"]);
  assert.equal(lint(ALL, "--ignore", "quarz")[0], 2);
  assert.equal(lint(ALL, "--ignore")[0], 2);
});
