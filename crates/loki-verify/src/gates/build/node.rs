//! The `build` script of `package.json`, and the syntax of changed JavaScript files.

use loki_host::process::find_on_path;
use loki_model::Severity;

use super::baseline;
use super::syntax::Checker;
use crate::bench::Command;
use crate::bench::unfinished;
use crate::gates::limit::{each, left_out};
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{is_under, join, shown};
use crate::missing::{is_missing, missing_program};
use crate::node::{NO_NODE_FIX, Package, Packages, UNREAD, packages};
use crate::place::{Which, find};

/// Parses only: a `.js` file may be a script or a module.
const SCRIPT: &str = r#"
const fs = require("fs"), vm = require("vm"), wrap = require("module").wrap, bad = [];
const line = e => Number((/:(\d+)$/m.exec(String(e.stack).split("\n")[0]) || [])[1]) || null;
for (const path of JSON.parse(fs.readFileSync(0, "utf8"))) {
  let text; try { text = fs.readFileSync(path, "utf8").replace(/^#!/, "//"); } catch { continue; }
  const script = () => new vm.Script(wrap(text), { filename: path }), errors = [];
  const modular = () => new vm.SourceTextModule(text, { identifier: path });
  const kinds = /\.cjs$/.test(path) ? [script] : /\.mjs$/.test(path) ? [modular] : [script, modular];
  const parses = kinds.some(kind => { try { kind(); return true; } catch (e) { errors.push(e); } });
  if (!parses) bad.push([path, line(errors[0]), String(errors[errors.length - 1].message)]);
}
process.stdout.write(JSON.stringify(bad));
"#;

/// Packages whose presence means that `.js` files may hold more than JavaScript.
const DIALECTS: &[&str] =
    &["react", "preact", "next", "babel", "flow-bin", "solid-js", "vite", "webpack"];

/// Parses changed files of JavaScript.
pub(super) fn syntax(cx: &Cx<'_>) -> Vec<Part> {
    let Packages { all: packages, unread } = packages(cx);
    let files: Vec<&str> = cx
        .changed_or_run_by(&[".js", ".mjs", ".cjs"], &|program| program == "node")
        .filter(|path| !path.ends_with(".js") || !has_dialect(&packages, path))
        .collect();
    let mut parts: Vec<Part> =
        left_out(super::ID, "package.json", &unread, UNREAD).into_iter().collect();
    if !files.is_empty() {
        let args = ["--no-warnings", "--experimental-vm-modules", "-e", SCRIPT];
        let command = || Command::new("node", "").args(args);
        let by_hand = &["sh", "-c", "for file do node --check \"$file\" || exit; done", "sh"];
        let checker =
            Checker { language: "JavaScript", command: &command, by_hand, fix: NO_NODE_FIX };
        parts.push(checker.judge(cx, &files));
    }
    parts
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    baseline::weighed(cx, builds, baseline::lines)
}

fn builds(cx: &Cx<'_>) -> Vec<Part> {
    let packages = packages(cx).all;
    let builds: Vec<&Package> =
        packages.iter().filter(|package| package.script("build").is_some()).collect();
    let build = |package: &&Package| vec![build(cx, package)];
    each(super::ID, "Node packages", &builds, |package| &package.dir, build)
}

fn has_dialect(packages: &[Package], path: &str) -> bool {
    packages
        .iter()
        .filter(|package| is_under(path, &package.dir))
        .flat_map(Package::dependencies)
        .any(|name| {
            DIALECTS.iter().any(|dialect| name.trim_start_matches('@').starts_with(dialect))
        })
}

fn build(cx: &Cx<'_>, package: &Package) -> Part {
    let program = script_runner(cx, package);
    let what = format!("{program} run build in {}", shown(&package.dir));
    if let Some(why) = package.not_installed(cx) {
        return Part::lacking(format!("{what}: {why}"));
    }
    let command = Command::new(program, &package.dir).args(["run", "--silent", "build"]);
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_NODE_FIX),
    };
    let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
    let evidence = vec![ran.evidence()];
    if let Some(how) = unfinished(exit) {
        return Part::unclear(format!("{what} {how}"), evidence);
    }
    if is_ok {
        return Part::held(format!("{what}: ok"), evidence);
    }
    if is_missing(exit, &text) {
        let said = crate::text::one_line(crate::text::last_lines(&text, 1), 200);
        let fix = package.fix_of_missing(missing_program(&text));
        return Part::unclear(format!("{what}: it can not be run: {said}: {fix}"), evidence);
    }
    let place = find(&text, Which::First, &|path| cx.known(&package.dir, path));
    let detail = crate::text::last_lines(&text, 40);
    let found = finding("build/failed", Severity::Error, place, format!("{what} {exit}"), detail);
    Part::broken(format!("{what} {exit}"), vec![found], evidence)
}

/// Lock files, and the programs that write them.
const LOCKS: &[(&str, &str)] =
    &[("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];

/// The program that runs scripts of a package: npm, since it runs those of any, unless it is not
/// there and the one of the lock file is.
fn script_runner(cx: &Cx<'_>, package: &Package) -> &'static str {
    let is_there = |program: &str| find_on_path(program.as_ref()).is_some();
    if is_there("npm") {
        return "npm";
    }
    let has_lock =
        |lock: &str| [package.dir.as_str(), ""].iter().any(|dir| cx.layout.has(&join(dir, lock)));
    let found = LOCKS.iter().find(|(lock, program)| has_lock(lock) && is_there(program));
    found.map_or("npm", |(_, program)| *program)
}
