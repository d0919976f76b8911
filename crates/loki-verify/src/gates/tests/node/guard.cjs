// Loaded before the tests. Says at the end which functions of node's own assertions and test runner
// are no longer those of the beginning: one line of JSON for each process, beside this file.
"use strict";
const { appendFileSync } = require("node:fs");
const { stringify } = JSON;
const load = require;
const attempt = (name) => { try { return load(name); } catch { return undefined; } };
const assert = attempt("node:assert");
const runner = attempt("node:test");
const functions = (object) => {
  const found = new Map();
  for (const name of object ? Object.getOwnPropertyNames(object) : []) {
    const value = object[name];
    if (typeof value === "function") found.set(name, value);
  }
  return found;
};
const strict = functions(assert && assert.strict);
const watched = [
  ["assert", assert, functions(assert)],
  ["assert.strict", assert && assert.strict, strict],
  ["test", runner, functions(runner)],
];
process.on("exit", () => {
  const patched = [];
  for (const [label, object, functions] of watched) {
    for (const [name, value] of functions) {
      // To become stricter is no trick.
      if (object[name] !== value && object[name] !== strict.get(name)) patched.push(label + "." + name);
    }
  }
  for (const [name, value] of [["node:assert", assert], ["node:test", runner]]) {
    if (attempt(name) !== value) patched.push("require('" + name + "')");
  }
  try { appendFileSync(__filename + ".jsonl", stringify({ patched }) + "\n"); } catch {}
});
