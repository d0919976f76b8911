//! Settings of cargo that decide which tests there are.

use loki_model::Severity;
use serde_json::Value;

use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, join, parent};
use crate::pattern;
use crate::settings::{self, at, flag, list};
use crate::sides::Sides;

/// Cargo builds or runs fewer tests.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/cargo-settings",
    severity: Severity::Error,
    what: "Cargo builds fewer tests than before, or runs them through something else.",
    why: "A test target that is switched off is not even listed.",
    example: "+autotests = false",
    fix: "Let cargo find the tests; ignore single ones with a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let name = file_name(&file.path);
        if !matches!(name, "Cargo.toml" | "config.toml" | "config" | "nextest.toml") {
            continue;
        }
        let read = |text: &Option<String>| settings::toml(text.as_deref().unwrap_or_default());
        let (Ok(before), Ok(after)) = (read(&file.before), read(&file.after)) else { continue };
        if file.after.is_none() || file.kind == Kind::Foreign {
            continue;
        }
        let mut report = |severity, message: String, needle: &str| {
            let line = line_of(file, needle);
            found.add(weighing(RULE.at(&file.path, line, message), severity));
        };
        match name {
            "Cargo.toml" if file.before.is_some() => {
                manifest(sides, file, &before, &after, &mut report);
            }
            "config.toml" | "config" if file.path.contains(".cargo/") => {
                config(&before, &after, &mut report);
            }
            "nextest.toml" => nextest(&before, &after, &mut report),
            _ => {}
        }
    }
}

type Report<'r> = dyn FnMut(Severity, String, &str) + 'r;

fn manifest(
    sides: &Sides<'_>,
    file: &FileDelta,
    before: &Value,
    after: &Value,
    report: &mut Report<'_>,
) {
    let dir = parent(&file.path);
    let off = |value: &Value, keys: &[&str]| flag(at(value, keys)) == Some(false);
    let newly_off = |keys: &[&str]| off(after, keys) && !off(before, keys);
    if newly_off(&["lib", "test"]) {
        report(Severity::Error, "the library's own tests no longer run".to_owned(), "test");
    }
    if newly_off(&["lib", "doctest"]) {
        let message = "the library's examples no longer run".to_owned();
        report(Severity::Warning, message, "doctest");
    }
    if newly_off(&["lib", "harness"]) {
        report(Severity::Error, "the library's tests count nothing".to_owned(), "harness");
    }
    if newly_off(&["package", "autotests"]) {
        let named: Vec<String> = targets(after, "test").map(|(_, path)| path).collect();
        let folder = join(dir, "tests");
        let lost: Vec<String> = sides
            .layout
            .own_files()
            .filter(|path| path.ends_with(".rs") && parent(path) == folder)
            .filter(|path| !named.iter().any(|name| join(dir, name) == **path))
            .map(str::to_owned)
            .collect();
        if !lost.is_empty() {
            let message = format!("{} no longer run", super::named(&lost));
            report(Severity::Error, message, "autotests");
        }
    }
    for kind in ["test", "bin", "example"] {
        for target in array(after, kind) {
            let name = target.get("name").and_then(Value::as_str).unwrap_or_default();
            let then =
                array(before, kind).iter().find(|other| other.get("name") == target.get("name"));
            let was_off = |key: &str| then.is_some_and(|then| flag(then.get(key)) == Some(false));
            let is_off = |key: &str| flag(target.get(key)) == Some(false) && !was_off(key);
            if is_off("test") && kind != "example" {
                let message = format!("the tests of `{name}` no longer run");
                report(Severity::Error, message, "test = false");
            }
            if is_off("harness") && kind == "test" {
                let path = path_of(target, "test");
                let existed = sides.was(&join(dir, &path));
                let severity = if existed { Severity::Error } else { Severity::Warning };
                report(severity, format!("the tests of `{name}` count nothing"), "harness");
            }
            let needs = |target: &Value| list(target.get("required-features"));
            if kind == "test" && needs(target).len() > then.map_or(0, |then| needs(then).len()) {
                let message = format!("the tests of `{name}` run only with a feature");
                report(Severity::Warning, message, "required-features");
            }
        }
    }
    members(sides, dir, before, after, report);
    for profile in ["dev", "test"] {
        for key in ["debug-assertions", "overflow-checks"] {
            if newly_off(&["profile", profile, key]) {
                let message = format!("`{key}` is off where tests run");
                report(Severity::Warning, message, key);
            }
        }
    }
}

fn array<'v>(value: &'v Value, kind: &str) -> &'v [Value] {
    value.get(kind).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn targets<'v>(value: &'v Value, kind: &'v str) -> impl Iterator<Item = (&'v Value, String)> {
    array(value, kind).iter().map(move |target| (target, path_of(target, kind)))
}

fn path_of(target: &Value, kind: &str) -> String {
    let name = target.get("name").and_then(Value::as_str).unwrap_or_default();
    let path = target.get("path").and_then(Value::as_str);
    path.map_or_else(|| format!("{kind}s/{name}.rs"), str::to_owned)
}

/// Packages that were tested with the workspace and are no longer.
fn members(sides: &Sides<'_>, dir: &str, before: &Value, after: &Value, report: &mut Report<'_>) {
    let is_in = |path: &str, value: &Value| {
        let matches = |key: &str| {
            list(at(value, &["workspace", key])).iter().any(|glob| {
                let glob = glob.trim_end_matches('/');
                glob == path || pattern::glob(glob).is_some_and(|glob| glob.is_match(path))
            })
        };
        (matches("members"), matches("exclude"), matches("default-members"))
    };
    let has_defaults = |value: &Value| at(value, &["workspace", "default-members"]).is_some();
    let mut narrowed = Vec::new();
    for root in sides.layout.all_roots("Cargo.toml").iter().filter(|root| *root != dir) {
        let Some(path) = super::tests_seen::below(root, dir) else { continue };
        let ((was, was_out, was_default), (is, is_out, is_default)) =
            (is_in(path, before), is_in(path, after));
        if was && !was_out && (!is || is_out) && sides.was(&join(root, "Cargo.toml")) {
            let message = format!("`{path}` is no longer part of the workspace");
            report(Severity::Error, message, if is_out { "exclude" } else { "members" });
        }
        let by_default = |has: bool, is_member: bool, is: bool| if has { is } else { is_member };
        if by_default(has_defaults(before), was, was_default)
            && is
            && !by_default(has_defaults(after), is, is_default)
        {
            narrowed.push(path.to_owned());
        }
    }
    if !narrowed.is_empty() {
        let message =
            format!("{} are no longer built and tested by default", super::named(&narrowed));
        report(Severity::Warning, message, "default-members");
    }
}

/// Programs that run tests of other machines on this one.
const EMULATORS: &[&str] = &[
    "qemu", "wasm", "probe-", "probe_", "wine", "simavr", "espflash", "node", "wasmtime", "cross",
];

/// Whether a runner is a line of shell that succeeds whatever the test did.
fn swallows(words: &[String]) -> bool {
    let Some(program) = words.first().map(|word| file_name(word)) else { return false };
    let script = words.join(" ");
    let ending = script.trim_end_matches(['"', '\'', ' ', ';']);
    let is_shell = matches!(program, "sh" | "bash" | "dash" | "zsh" | "ksh");
    is_shell
        && ["true", ":", "exit 0"].iter().any(|success| {
            let before = ending.strip_suffix(success).map(str::trim_end);
            before.is_some_and(|before| before.ends_with("||") || before.ends_with(';'))
        })
}

fn config(before: &Value, after: &Value, report: &mut Report<'_>) {
    let runner = |value: &Value, target: &str| -> Vec<String> {
        match at(value, &["target", target, "runner"]) {
            Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
            other => list(other),
        }
    };
    for target in settings::object(after, &["target"]).keys() {
        let (old, new) = (runner(before, target), runner(after, target));
        let Some(program) = new.first().filter(|_| old != new) else { continue };
        let name = file_name(program);
        if EMULATORS.iter().any(|emulator| name.starts_with(emulator)) {
            continue;
        }
        let does_nothing = matches!(name, "true" | "echo" | ":") || swallows(&new);
        let severity = if does_nothing { Severity::Error } else { Severity::Warning };
        report(severity, format!("tests run through `{}`", new.join(" ")), "runner");
    }
    for (name, called) in settings::object(after, &["alias"]) {
        let words = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            other => list(other).join(" "),
        };
        let (old, new) = (words(at(before, &["alias", name])), words(Some(called)));
        let is_test = |call: &str| {
            call.split_whitespace().any(|word| matches!(word, "test" | "t" | "nextest"))
        };
        let is_judge = if old.is_empty() {
            matches!(name.as_str(), "test" | "t" | "nextest")
        } else {
            is_test(&old)
        };
        // What it takes from there on is for people to see: an alias can narrow as well as widen.
        if is_judge && old != new {
            let message = format!("`cargo {name}` is `cargo {new}`");
            report(Severity::Warning, message, name);
        }
    }
    let flags = |value: &Value| -> Vec<String> {
        let mut all = list(at(value, &["build", "rustflags"]));
        for target in settings::object(value, &["target"]).values() {
            all.extend(list(target.get("rustflags")));
        }
        all.iter().flat_map(|flag| flag.split_whitespace().map(str::to_owned)).collect()
    };
    let is_lax = |flags: &[String]| {
        flags.windows(2).any(|pair| pair[0] == "-A" || pair[0] == "--cap-lints")
            || flags.iter().any(|flag| {
                flag.starts_with("-A") && flag.len() > 2
                    || flag.starts_with("--cap-lints=")
                    || flag.contains("debug-assertions=off")
                    || flag.contains("debug-assertions=no")
            })
    };
    if is_lax(&flags(after)) && !is_lax(&flags(before)) {
        let message = "the compiler is told to overlook something everywhere".to_owned();
        report(Severity::Warning, message, "rustflags");
    }
}

fn nextest(before: &Value, after: &Value, report: &mut Report<'_>) {
    for (name, profile) in settings::object(after, &["profile"]) {
        let then = at(before, &["profile", name]);
        let filter =
            |value: Option<&Value>| value.and_then(|value| value.get("default-filter")).cloned();
        if filter(Some(profile)).is_some() && filter(Some(profile)) != filter(then) {
            let message = format!("profile `{name}` runs only some tests");
            report(Severity::Warning, message, "default-filter");
        }
        let retries = |value: Option<&Value>| value.and_then(|value| value.get("retries")).cloned();
        if retries(Some(profile)).is_some() && retries(Some(profile)) != retries(then) {
            let message = format!("profile `{name}` runs failed tests again");
            report(Severity::Note, message, "retries");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    const BASE: &str = "[package]\nname = 'a'\n[lib]\nname = 'a'\n[workspace]\nmembers = ['b']\n";
    const FILES: Files<'_> = &[("tests/it.rs", "x"), ("b/Cargo.toml", "[package]\nname = 'b'\n")];

    fn manifest(from: &str, to: &str, expected: &str) {
        let text = BASE.replace(from, to);
        let before = [&[("Cargo.toml", BASE)], FILES].concat();
        let after = [&[("Cargo.toml", text.as_str())], FILES].concat();
        check(look, &before, &after, expected);
    }

    #[test]
    fn tests_that_cargo_no_longer_builds_are_told() {
        for (from, to, expected) in [
            (
                "name = 'a'\n[lib]",
                "name = 'a'\nautotests = false\n[lib]",
                "error cargo-settings Cargo.toml:3",
            ),
            ("[lib]\n", "[lib]\ntest = false\n", "error cargo-settings Cargo.toml:4"),
            ("[lib]\n", "[lib]\nharness = false\n", "error cargo-settings Cargo.toml:4"),
            ("[lib]\n", "[lib]\ndoctest = false\n", "warning cargo-settings Cargo.toml:4"),
            (
                "[lib]\n",
                "[[test]]\nname = 'it'\nharness = false\n[lib]\n",
                "error cargo-settings Cargo.toml:5",
            ),
            ("['b']\n", "[]\nexclude = ['b']\n", "error cargo-settings Cargo.toml:7"),
            ("['b']\n", "['b']\ndefault-members = ['.']\n", "warning cargo-settings Cargo.toml:7"),
            (
                "[lib]\n",
                "[profile.test]\ndebug-assertions = false\n[lib]\n",
                "warning cargo-settings Cargo.toml:4",
            ),
        ] {
            manifest(from, to, expected);
        }
        let config = |runner: &str| format!("[target.'cfg(all())']\nrunner = '{runner}'\n");
        let (bad, fine) = (config("true"), config("qemu-aarch64 -L /x"));
        check(
            look,
            &[],
            &[(".cargo/config.toml", &bad)],
            "error cargo-settings .cargo/config.toml:2",
        );
        check(look, &[], &[(".cargo/config.toml", &fine)], "");
        for (runner, severity) in [
            ("['sh', '-c', '\"$0\" \"$@\" || exit 0']", "error"),
            ("['bash', '-c', '\"$0\" \"$@\"; true']", "error"),
            ("['sh', '-c', 'setup; exec \"$0\" \"$@\"']", "warning"),
            ("['scripts/run.sh']", "warning"),
        ] {
            let text = format!("[target.'cfg(all())']\nrunner = {runner}\n");
            let expected = format!("{severity} cargo-settings .cargo/config.toml:2");
            check(look, &[], &[(".cargo/config.toml", &text)], &expected);
        }
    }

    #[test]
    fn an_alias_that_judges_and_is_another_is_told() {
        let expected = "warning cargo-settings .cargo/config.toml:2";
        for (before, after, expected) in [
            ("", "t = 'test --lib'", expected),
            ("xt = 'test --workspace'", "xt = 'test --lib'", expected),
            ("xt = 'nextest run'", "xt = 'check'", expected),
            ("", "xt = 'test --workspace'", ""),
            ("l = 'clippy'", "l = 'clippy --all-targets'", ""),
        ] {
            let [before, after] = [before, after].map(|line| format!("[alias]\n{line}\n"));
            let path = ".cargo/config.toml";
            check(look, &[(path, &before)], &[(path, &after)], expected);
        }
    }

    #[test]
    fn other_changes_of_a_manifest_are_fine() {
        for (from, to) in [
            ("[lib]\n", "[dependencies]\nx = '1'\n[lib]\n"),
            ("['b']", "['b', 'c/*']"),
            ("['b']", "['b']\nexclude = ['target', 'fuzz']"),
            ("name = 'a'\n[lib]", "name = 'a'\nautotests = false\n[[test]]\nname = 'it'\n[lib]"),
            ("[lib]\n", "[profile.release]\ndebug-assertions = false\n[lib]\n"),
        ] {
            manifest(from, to, "");
        }
    }
}
