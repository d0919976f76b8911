//! Workflows that judge every change on a server.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Severity;
use serde_json::Value;

use super::ci_condition::{condition, narrows};
use super::loss::{losses_beside, swallowed_in};
use super::{line_of, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::layout::file_name;
use crate::settings::{self, flag, list};
use crate::shell::{Purpose, Step, is_task, limits, runner, steps as steps_in};
use crate::sides::Sides;

/// CI judges less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/ci",
    severity: Severity::Warning,
    what: "A workflow of CI runs fewer checks, runs them less often, or lets them fail.",
    why: "A green mark from a workflow that does not look is worse than none.",
    example: "+        continue-on-error: true",
    fix: "Keep the step and let it fail; mend what it finds.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    let files: Vec<&FileDelta> =
        sides.delta.files.iter().filter(|file| is_workflow(&file.path)).collect();
    for file in &files {
        let read = |text: &Option<String>| settings::yaml(text.as_deref()?).ok();
        // A workflow that is gone is told by what no longer runs.
        let Some(after) = read(&file.after) else { continue };
        let before = read(&file.before).unwrap_or_default();
        compare(sides, file, &before, &after, found);
    }
    gone(sides, &files, found);
}

fn is_workflow(path: &str) -> bool {
    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    is_yaml
        && (path.starts_with(".github/workflows/")
            || path.starts_with(".circleci/")
            || path.starts_with(".buildkite/")
            || path.starts_with(".gitlab/")
            || matches!(
                file_name(path),
                ".gitlab-ci.yml"
                    | ".travis.yml"
                    | "azure-pipelines.yml"
                    | "bitbucket-pipelines.yml"
                    | ".cirrus.yml"
            ))
}

/// One place in a workflow that runs something.
struct Place<'v> {
    /// How it is called.
    name: String,
    value: &'v Value,
    /// The job that it is, or is part of.
    job: &'v Value,
    /// What it runs.
    script: String,
    /// Whether it, or a part of it, judges.
    judges: bool,
}

/// Keys under which tools keep what they run.
const SCRIPTS: &[&str] = &["run", "script", "bash", "pwsh", "command", "before_script", "commands"];

/// Jobs and steps that are looked at in one workflow.
const PLACES_MAX: usize = 500;

/// Every job and step of a workflow, by its path of names.
fn places(value: &Value) -> BTreeMap<String, Place<'_>> {
    let mut found = BTreeMap::new();
    let jobs = settings::object(value, &["jobs"]);
    let own: Vec<(&String, &Value)> = match jobs.is_empty() {
        false => jobs.iter().collect(),
        true => settings::object(value, &[]).iter().filter(|(_, job)| job.is_object()).collect(),
    };
    for (name, job) in own.into_iter().take(PLACES_MAX) {
        let mut whole = own_script(job);
        let steps = job.get("steps").and_then(Value::as_array);
        for (index, step) in steps.into_iter().flatten().enumerate().take(PLACES_MAX) {
            let script = own_script(step);
            whole.push('\n');
            whole.push_str(&script);
            let first = steps_in(&script).first().map_or(String::new(), name_of);
            let called = step.get("name").or_else(|| step.get("id")).or_else(|| step.get("uses"));
            let called = called.and_then(Value::as_str).map_or(first, str::to_owned);
            let called = if called.is_empty() { index.to_string() } else { called };
            let judges = judges(&script);
            let mut key = format!("{name}/{called}");
            // Steps without names that run the same program are several.
            while found.contains_key(&key) {
                key.push('+');
            }
            found.insert(key, Place { name: called, value: step, job, script, judges });
        }
        let judges = judges(&whole);
        let place = Place { name: name.clone(), value: job, job, script: whole, judges };
        found.insert(name.clone(), place);
    }
    found
}

/// How a step without a name is called: by what judges in it, or by its first program.
fn name_of(step: &Step) -> String {
    runner(step).map_or_else(|| step.program().to_owned(), |runner| runner.name)
}

fn own_script(value: &Value) -> String {
    let texts = SCRIPTS.iter().filter_map(|key| match value.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => Some(list(value.get(key)).join("\n")),
        Value::Object(inner) => inner.get("command").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn judges(script: &str) -> bool {
    steps_in(script).iter().any(|step| runner(step).is_some())
}

fn compare(sides: &Sides<'_>, file: &FileDelta, before: &Value, after: &Value, found: &mut Found) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut add = |needle: &str, message: String| {
        if told.insert(message.clone()) {
            let line = line_of(file, needle);
            found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
        }
    };
    let (old, new) = (places(before), places(after));
    let always = always_run(&new);
    for (key, place) in &new {
        let then = old.get(key).or_else(|| {
            old.values().find(|then| !then.script.trim().is_empty() && then.script == place.script)
        });
        for (switch, needle) in lax(place.value) {
            let was =
                then.is_some_and(|then| lax(then.value).iter().any(|(other, _)| *other == switch));
            let judges = place.judges || then.is_some_and(|then| then.judges);
            if judges && !was {
                add(needle, format!("`{}`: {switch}", place.name));
            }
        }
        if let Some(gained) = then.and_then(|then| gained_condition(then, place, &new)) {
            let shown = crate::text::one_line(&gained, 100);
            add("if", format!("`{}` runs only if `{shown}`", place.name));
        }
        if key.contains('/') || place.value.get("steps").is_none() {
            let found_here = match then {
                Some(then) => losses_beside(sides, "", &then.script, &place.script, true, &always),
                None => swallowed_in(&place.script, true),
            };
            for loss in
                found_here.into_iter().filter(|loss| !loss.what.contains("no longer run by"))
            {
                add(&loss.needle, format!("`{}`: {}", place.name, loss.what));
            }
            let errexit_off = |script: &str| {
                steps_in(script)
                    .iter()
                    .any(|s| s.program() == "set" && s.words.iter().any(|w| w == "+e"))
            };
            if place.judges
                && errexit_off(&place.script)
                && !then.is_some_and(|then| errexit_off(&then.script))
            {
                add("set +e", format!("`{}` goes on after failures", place.name));
            }
        }
    }
    if file.before.is_some() {
        triggers(before, after, &mut add);
    }
}

/// What the steps of a workflow run whenever it runs, from the root of the repository, and so that failures
/// are heard of.
fn always_run(places: &BTreeMap<String, Place<'_>>) -> String {
    let is_free = |value: &Value| {
        condition(value).is_none()
            && lax(value).is_empty()
            && value.get("working-directory").is_none()
            && value.get("defaults").is_none()
    };
    let steps = places.values().filter(|place| place.value.get("steps").is_none());
    let free = steps.filter(|place| is_free(place.value) && is_free(place.job));
    let heard = free.filter(|place| swallowed_in(&place.script, true).is_empty());
    heard.map(|place| format!("{}\n", place.script)).collect()
}

/// What workflows that the change leaves as they are name on a command line of pytest that always runs, and that
/// nothing else narrows.
pub(super) fn paths_of_pytest(sides: &Sides<'_>) -> Vec<String> {
    let paths = sides.layout.all_files().filter(|path| is_workflow(path));
    let unchanged = paths.filter(|path| sides.changed(path).is_none());
    let mut named = Vec::new();
    for text in unchanged.filter_map(|path| sides.after(path)) {
        let Ok(value) = settings::yaml(&text) else { continue };
        let calls = steps_in(&always_run(&places(&value)));
        for runner in calls.iter().filter_map(runner) {
            if matches!(runner.name.as_str(), "pytest" | "py.test") && limits(&runner).is_empty() {
                let words = runner.args.into_iter().filter(|word| !word.starts_with('-'));
                named.extend(words.filter(|word| !matches!(word.as_str(), "." | "./" | "")));
            }
        }
    }
    named
}

/// The condition that a place that judges did not have, and that lets it run on less than every
/// change; nothing where another place runs the same without one.
fn gained_condition(
    then: &Place<'_>,
    now: &Place<'_>,
    all: &BTreeMap<String, Place<'_>>,
) -> Option<String> {
    let gained = condition(now.value)?;
    // One that keeps it from running at all is told as such.
    let is_told = !lax(now.value).is_empty();
    if !then.judges || condition(then.value).is_some() || is_told || !narrows(&gained, now.job) {
        return None;
    }
    let names = |script: &str| -> BTreeSet<String> {
        steps_in(script).iter().filter_map(runner).map(|runner| runner.name).collect()
    };
    let mine = names(&then.script);
    let stands_in = all.values().any(|other| {
        condition(other.value).is_none()
            && condition(other.job).is_none()
            && other.value.get("steps").is_none()
            && mine.is_subset(&names(&other.script))
    });
    (!stands_in).then_some(gained)
}

/// What lets a job or step fail, or keeps it from running; with something to find its line by.
fn lax(value: &Value) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for key in ["continue-on-error", "continueOnError", "allow_failure"] {
        // What the matrix decides is about experimental versions.
        if flag(value.get(key)) == Some(true) {
            found.push((format!("`{key}` lets it fail"), key));
        }
    }
    let text_of = |key: &str| match value.get(key) {
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    for key in ["if", "condition"] {
        let text = text_of(key).unwrap_or_default();
        let bare = text.trim_start_matches("${{").trim_end_matches("}}").trim();
        if matches!(bare, "false" | "never()" | "failure() && false" | "0") {
            found.push((format!("`{key}: {text}` keeps it from running"), "if"));
        }
    }
    let rules = value.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_by_hand =
        |rule: &Value| matches!(rule.get("when").and_then(Value::as_str), Some("never" | "manual"));
    if matches!(text_of("when").as_deref(), Some("never" | "manual"))
        || !rules.is_empty() && rules.iter().all(is_by_hand)
    {
        found.push(("it no longer runs by itself".to_owned(), "when"));
    }
    found
}

/// On what a workflow of GitHub runs.
fn triggers(before: &Value, after: &Value, add: &mut dyn FnMut(&str, String)) {
    let on = |value: &Value| -> BTreeMap<String, Value> {
        match value.get("on").or_else(|| value.get("true")) {
            Some(Value::String(name)) => [(name.clone(), Value::Null)].into(),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .map(|n| (n.to_owned(), Value::Null))
                .collect(),
            Some(Value::Object(map)) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            _ => BTreeMap::new(),
        }
    };
    let (old, new) = (on(before), on(after));
    let judges = places(before).values().any(|place| place.judges);
    if !judges || new.is_empty() {
        return;
    }
    let every_request = |events: &BTreeMap<String, Value>| {
        events.get("pull_request").or_else(|| events.get("merge_request")).is_some_and(|event| {
            ["branches", "paths", "paths-ignore", "branches-ignore"]
                .iter()
                .all(|key| event.get(key).is_none())
        })
    };
    for event in ["push", "pull_request", "merge_group"] {
        let Some(then) = old.get(event) else { continue };
        let Some(now) = new.get(event) else {
            if !every_request(&new) {
                add("on", format!("the workflow no longer runs on `{event}`"));
            }
            continue;
        };
        let filter = |value: &Value, key: &str| list(value.get(key));
        let (was, is) = (filter(then, "branches"), filter(now, "branches"));
        let narrowed =
            was != is && !is.is_empty() && (was.is_empty() || was.iter().any(|b| !is.contains(b)));
        let is_renamed = !was.is_empty() && is.len() >= was.len();
        if narrowed && !is_renamed && !every_request(&new) {
            add("branches", format!("the workflow runs on `{event}` of fewer branches"));
        }
        let is_code = |glob: &String| {
            !["*.md", "**.md", "**/*.md", "docs/**", "LICENSE", "*.txt", "**/*.rst", "*.rst"]
                .contains(&glob.as_str())
                && !glob.ends_with(".md")
                && !glob.starts_with("docs")
                && !glob.starts_with("LICENSE")
                && !glob.starts_with('.')
        };
        let gained: Vec<String> = filter(now, "paths-ignore")
            .into_iter()
            .filter(|glob| !filter(then, "paths-ignore").contains(glob) && is_code(glob))
            .collect();
        if !gained.is_empty() {
            add(
                "paths-ignore",
                format!("changes of {} no longer start the workflow", super::named(&gained)),
            );
        }
    }
}

/// Kinds of checks that no workflow of the change runs any longer.
fn gone(sides: &Sides<'_>, files: &[&FileDelta], found: &mut Found) {
    let Some(first) = files.first() else { return };
    let mut tasks: (BTreeSet<String>, BTreeSet<String>) = Default::default();
    let runs = |text: Option<&str>, tasks: &mut BTreeSet<String>| -> BTreeSet<(Purpose, String)> {
        let value = text.and_then(|text| settings::yaml(text).ok()).unwrap_or_default();
        let mut names = BTreeSet::new();
        for place in places(&value).into_values() {
            for step in steps_in(&place.script) {
                tasks.extend(is_task(&step).then(|| step.text()));
                names.extend(runner(&step).map(|runner| (runner.purpose, runner.name)));
            }
        }
        names
    };
    let mut before: BTreeSet<(Purpose, String)> = BTreeSet::new();
    let mut after = before.clone();
    for file in files {
        before.extend(runs(file.before.as_deref(), &mut tasks.0));
        after.extend(runs(file.after.as_deref(), &mut tasks.1));
    }
    // What a task of the project's own does is not seen here.
    if tasks.1.difference(&tasks.0).next().is_some() {
        return;
    }
    // Workflows that did not change may run it too.
    for path in sides.layout.all_files().filter(|path| is_workflow(path)) {
        if sides.changed(path).is_none() {
            after.extend(runs(sides.after(path).as_deref(), &mut tasks.1));
        }
    }
    for purpose in [Purpose::Test, Purpose::Lint] {
        let of = |set: &BTreeSet<(Purpose, String)>| -> Vec<String> {
            set.iter().filter(|(p, _)| *p == purpose).map(|(_, name)| name.clone()).collect()
        };
        let (was, is) = (of(&before), of(&after));
        let lost: Vec<String> = was.iter().filter(|name| !is.contains(name)).cloned().collect();
        let gained = is.iter().filter(|name| !was.contains(name)).count();
        // Another tool in its place, or one that calls it.
        if !lost.is_empty() && gained == 0 {
            let message = format!("no workflow runs {} any longer", super::named(&lost));
            found.add(RULE.at(&first.path, line_of(first, ""), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check, found};

    const PATH: &str = ".github/workflows/test.yml";
    const BASE: &str = "on: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        python: ['3.11']\n    steps:\n      - uses: actions/checkout@v4\n      - run: pip install -e .\n      - run: pytest -q\n      - run: ruff check .\n";

    fn workflow(from: &str, to: &str, expected: &str) {
        assert!(BASE.contains(from));
        check(look, &[(PATH, BASE)], &[(PATH, &BASE.replace(from, to))], expected);
    }

    #[test]
    fn weaker_workflows_are_concerns() {
        for (from, to, line) in [
            ("- run: pytest -q", "- run: pytest -q\n        continue-on-error: true", 12),
            ("    runs-on", "    if: false\n    runs-on", 4),
            (
                "- run: pytest -q",
                "- if: contains(github.event.pull_request.labels.*.name, 'full')\n        run: pytest -q",
                11,
            ),
            (
                "- run: pytest -q",
                "- run: pytest -q\n        if: github.ref == 'refs/heads/main'",
                12,
            ),
            ("    runs-on", "    if: inputs.full\n    runs-on", 4),
            ("pytest -q", "pytest -q || true", 11),
            ("pytest -q", "pytest -q -k 'not slow'", 11),
            ("      - run: pytest -q\n", "", 1),
            ("      - run: ruff check .\n", "", 1),
            ("on: [push, pull_request]", "on: [workflow_dispatch]", 1),
            ("on: [push, pull_request]", "on:\n  push:\n    branches: [release]", 3),
        ] {
            let expected = format!("warning ci {PATH}:{line}");
            let expected = if to.contains("workflow_dispatch") {
                format!("{expected}\n{expected}")
            } else {
                expected
            };
            // A trigger that goes and one that narrows are two things.
            let expected = if to.contains("release") {
                format!("{expected}\nwarning ci {PATH}:1")
            } else {
                expected
            };
            workflow(from, to, &expected);
        }
        check(look, &[(PATH, BASE)], &[], &format!("warning ci {PATH}:1\nwarning ci {PATH}:1"));
    }

    /// What is found where two directories of tests are each named by a command of its own.
    fn parted(from: &str, to: &str) -> String {
        const TESTS: Files<'_> = &[("shop/test_a.py", "a"), ("bench/test_b.py", "b")];
        let both = "|\n          pytest shop/\n          pytest bench/";
        let base = BASE.replace("pytest -q", both);
        assert!(base.contains(from));
        let after = base.replace(from, to);
        let with_tests = |text| [&[(PATH, text)], TESTS].concat();
        found(look, &with_tests(&base), &with_tests(&after))
    }

    #[test]
    fn commands_of_one_workflow_are_taken_together() {
        assert_eq!(parted("['3.11']", "['3.11', '3.12']"), "");
        assert_eq!(parted("          pytest bench/\n", "      - run: pytest bench/\n"), "");
        assert_eq!(parted("pytest shop/", "pytest -q shop"), "");
    }

    #[test]
    fn what_no_command_takes_that_always_runs_is_left_out() {
        for more in [
            "",
            "      - run: pytest bench/\n        if: inputs.full\n",
            "      - run: pytest bench/ || true\n",
            "      - run: pytest bench/ -k nothing\n",
            "      - run: pytest bench/\n        working-directory: docs\n",
        ] {
            let said = parted("          pytest bench/\n", more);
            assert!(said.contains(&format!("warning ci {PATH}:")), "{more}: {said}");
        }
        // What takes all of it is not stood in for by what takes a part and was there before.
        let said = parted("pytest shop/", "pytest bench/test_b.py");
        assert!(said.contains("warning ci"), "{said}");
    }

    #[test]
    fn stronger_and_other_workflows_are_fine() {
        for (from, to) in [
            ("checkout@v4", "checkout@v5"),
            ("['3.11']", "['3.11', '3.12', '3.13']"),
            ("- run: pytest -q", "- run: pytest -q --cov"),
            ("- run: pytest -q", "- run: tox -q"),
            ("- run: pytest -q", "- run: hatch run cov"),
            ("- run: pytest -q", "- name: Test\n        run: |\n          pytest -q"),
            ("    runs-on", "    continue-on-error: ${{ matrix.experimental }}\n    runs-on"),
            ("on: [push, pull_request]", "on:\n  push:\n    branches: [main]\n  pull_request:"),
            ("- run: pip install -e .", "- run: pip install -e . || true"),
            ("- run: pip install -e .", "- run: pip install -e .\n        if: inputs.full"),
            ("- run: pytest -q", "- run: pytest -q\n        if: matrix.python == '3.11'"),
            ("- run: pytest -q", "- run: pytest -q\n        if: always()"),
            ("    runs-on", "    if: github.event_name != 'schedule'\n    runs-on"),
            ("- run: pytest -q", "- run: pytest -q\n      - run: mypy .\n        if: inputs.full"),
            (
                "- run: pytest -q",
                "- run: pytest -q --durations=5\n        if: inputs.full\n      - run: pytest -q\n        name: all",
            ),
        ] {
            workflow(from, to, "");
        }
    }
}
