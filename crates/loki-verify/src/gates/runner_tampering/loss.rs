//! What a script loses as a judge from one side of a change to the other.

use loki_model::Severity;

use super::tests_seen::{SCRIPT_ENDINGS, Unseen, is_in_any};
use crate::shell::{Purpose, Runner, Step, demands, limits, runner, steps, swallowed};
use crate::sides::Sides;

/// One thing that a script lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// How bad it is.
    pub(super) severity: Severity,
    /// What it is, to follow the name of the script.
    pub(super) what: String,
    /// Something of the new script that is part of it, to find its line by.
    pub(super) needle: String,
}

/// What is lost from `before` to `after`. With `errexit` the script ends at the first failure by
/// itself. `dir` is where it runs.
pub(super) fn losses(
    sides: &Sides<'_>,
    dir: &str,
    before: &str,
    after: &str,
    errexit: bool,
) -> Vec<Loss> {
    losses_beside(sides, dir, before, after, errexit, "")
}

/// The same where `beside` runs too whenever `after` does, from the same directory: what one of them leaves out
/// and the other takes is not left out.
pub(super) fn losses_beside(
    sides: &Sides<'_>,
    dir: &str,
    before: &str,
    after: &str,
    errexit: bool,
    beside: &str,
) -> Vec<Loss> {
    let (old, new) = (steps(before), steps(after));
    let mut found = swallowings(&old, &new, errexit);
    let (had, has) = (runners(&old), runners(&new));
    let others = runners(&steps(beside));
    for now in &has {
        // The same runner, or whatever ran tests before.
        let known: Vec<&Runner> = had.iter().filter(|then| then.name == now.name).collect();
        if known.is_empty() {
            continue;
        }
        found.extend(gained_limits(&known, now));
        let together: Vec<&Runner> =
            has.iter().chain(&others).filter(|other| other.name == now.name).collect();
        found.extend(narrowed_paths(sides, dir, &known, now, &together));
        found.extend(narrowed_cargo(&known, now));
    }
    found.extend(relaxed(&had, &has, &others));
    found.extend(gone(&had, &has, &old, &new));
    found
}

/// Linters that are still called, and no longer told to count as much.
fn relaxed(had: &[Runner], has: &[Runner], others: &[Runner]) -> Vec<Loss> {
    let of = |runners: &[Runner], name: &str| -> Vec<String> {
        let own =
            runners.iter().filter(|runner| runner.purpose == Purpose::Lint && runner.name == name);
        own.flat_map(demands).collect()
    };
    let mut names: Vec<&str> = has.iter().map(|now| now.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let (before, after, beside) = (of(had, name), of(has, name), of(others, name));
        let is_kept = |demand: &String| after.contains(demand) || beside.contains(demand);
        // One of several ways to ask for the same may have taken the place of another.
        if let Some(demand) =
            before.iter().find(|demand| !is_kept(demand)).filter(|_| after.is_empty())
        {
            let what = format!("`{name}` is no longer called with `{demand}`");
            found.push(Loss { severity: Severity::Warning, what, needle: name.to_owned() });
        }
    }
    found
}

/// Failures that are swallowed in `after`, whatever was there before: for a script that is new.
pub(super) fn swallowed_in(after: &str, errexit: bool) -> Vec<Loss> {
    swallowings(&[], &steps(after), errexit)
}

fn swallowings(old: &[Step], new: &[Step], errexit: bool) -> Vec<Loss> {
    let masks = |steps: &[Step]| -> Vec<(Runner, String)> {
        let masked = |(index, step): (usize, &Step)| {
            Some((runner(step)?, swallowed(steps, index, errexit)?))
        };
        steps.iter().enumerate().filter_map(masked).collect()
    };
    let known = masks(old);
    masks(new)
        .into_iter()
        .filter(|(now, _)| !known.iter().any(|(then, _)| then.name == now.name))
        .map(|(now, how)| Loss {
            severity: match now.purpose {
                Purpose::Test => Severity::Error,
                Purpose::Lint => Severity::Warning,
            },
            what: format!("a failure of `{}` is swallowed (`{how}`)", now.name),
            needle: how.trim_start_matches(['|', ';', '&', ' ']).to_owned(),
        })
        .collect()
}

fn runners(steps: &[Step]) -> Vec<Runner> {
    steps.iter().filter_map(runner).collect()
}

fn gained_limits(known: &[&Runner], now: &Runner) -> Vec<Loss> {
    let before: Vec<_> = known.iter().flat_map(|then| limits(then)).collect();
    limits(now)
        .into_iter()
        .filter(|limit| !before.contains(limit))
        .map(|(option, value)| {
            let shown = value.as_ref().map_or(option.clone(), |value| format!("{option} {value}"));
            Loss {
                severity: weight(now.purpose, &option),
                what: format!("`{}` is limited by `{shown}`", now.name),
                needle: value.unwrap_or(option),
            }
        })
        .collect()
}

/// Options that people also take for good reasons are for people to look at.
fn weight(purpose: Purpose, option: &str) -> Severity {
    let is_common = matches!(
        option,
        "-m" | "--passWithNoTests"
            | "--pass-with-no-tests"
            | "--shard"
            | "--lf"
            | "--last-failed"
            | "-short"
            | "--short"
            | "--exclude"
            | "--filter"
            | "-E"
            | "--filter-expr"
            | "--onlyChanged"
            | "-o"
    );
    if purpose == Purpose::Lint || is_common { Severity::Warning } else { Severity::Error }
}

/// Endings of the tests that a runner takes paths of; nothing for one that takes none.
fn endings(runner: &str) -> Option<&'static [&'static str]> {
    Some(match runner {
        "node --test" | "mocha" | "vitest" | "ava" | "tap" | "tape" | "jest" | "uvu" => {
            SCRIPT_ENDINGS
        }
        "pytest" | "py.test" => &[".py"],
        "go test" => &["_test.go"],
        "rspec" => &[".rb"],
        "bats" => &[".bats"],
        _ => return None,
    })
}

/// What `now` leaves out of what one of `known` took, and none of those that run `together` takes.
fn narrowed_paths(
    sides: &Sides<'_>,
    dir: &str,
    known: &[&Runner],
    now: &Runner,
    together: &[&Runner],
) -> Option<Loss> {
    let endings = endings(&now.name)?;
    let paths = |runner: &Runner| -> Vec<String> {
        let is_path = |arg: &&String| {
            !arg.starts_with('-')
                && (arg.contains(['*', '/']) || endings.iter().any(|end| arg.ends_with(end)))
                && !arg.contains("://")
                || sides.layout.all_files().any(|path| is_in_any(path, dir, &[(*arg).clone()]))
                    && !arg.starts_with('-')
        };
        runner.args.iter().filter(is_path).cloned().collect()
    };
    let after = paths(now);
    if after.is_empty() {
        return None;
    }
    let before: Vec<Vec<String>> = known.iter().map(|then| paths(then)).collect();
    let is_whole =
        |runner: &&&Runner| limits(runner).iter().all(|limit| limits(now).contains(limit));
    let all: Vec<Vec<String>> =
        together.iter().filter(is_whole).map(|other| paths(other)).collect();
    let unseen = Unseen::find(
        sides,
        dir,
        endings,
        &|path| before.iter().any(|paths| is_in_any(path, dir, paths)),
        &|path| all.iter().any(|paths| is_in_any(path, dir, paths)),
    );
    let (severity, what) = unseen.verdict()?;
    let needle = after.first()?.clone();
    Some(Loss {
        severity,
        what: format!("`{}` takes only {}: {what}", now.name, after.join(" ")),
        needle,
    })
}

/// Options of cargo that take a value which is no filter.
const CARGO_VALUES: &[&str] = &[
    "--features",
    "-F",
    "--target",
    "--profile",
    "--manifest-path",
    "-j",
    "--jobs",
    "--color",
    "--message-format",
    "--config",
    "--target-dir",
    "-Z",
    "-P",
    "--partition",
    "--toolchain",
];

/// Options of cargo that name what alone is tested.
const CARGO_SELECTS: &[&str] =
    &["--lib", "--bins", "--doc", "--test", "-p", "--package", "--bin", "--example", "--examples"];

fn narrowed_cargo(known: &[&Runner], now: &Runner) -> Option<Loss> {
    if !matches!(now.name.as_str(), "cargo test" | "cargo t") {
        return None;
    }
    let before: Vec<String> = known.iter().flat_map(|then| cargo_selection(then)).collect();
    let is_open = known.iter().any(|then| cargo_selection(then).is_empty());
    let after = cargo_selection(now);
    let gained: Vec<&String> = after.iter().filter(|word| !before.contains(word)).collect();
    let first = gained.first().filter(|_| is_open || before.is_empty())?;
    Some(Loss {
        severity: Severity::Warning,
        what: format!("`cargo test` runs only what `{}` selects", after.join(" ")),
        needle: (*first).clone(),
    })
}

/// What of a call of cargo selects some tests only.
fn cargo_selection(runner: &Runner) -> Vec<String> {
    let mut found = Vec::new();
    let mut args =
        runner.args.iter().skip_while(|arg| !matches!(arg.as_str(), "test" | "t")).skip(1);
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        } else if CARGO_VALUES.contains(&arg.as_str()) {
            args.next();
        } else if CARGO_SELECTS.contains(&arg.as_str()) || !arg.starts_with('-') {
            found.push(arg.clone());
        }
    }
    found
}

/// Judges that are no longer called, unless something unknown took their place.
fn gone(had: &[Runner], has: &[Runner], old: &[Step], new: &[Step]) -> Vec<Loss> {
    let mut found = Vec::new();
    for purpose in [Purpose::Test, Purpose::Lint] {
        let of = |runners: &[Runner]| -> Vec<String> {
            let mut names: Vec<String> = runners
                .iter()
                .filter(|runner| runner.purpose == purpose)
                .map(|runner| runner.name.clone())
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let (before, after) = (of(had), of(has));
        let lost: Vec<String> =
            before.iter().filter(|name| !after.contains(name)).cloned().collect();
        let stands_in = new.iter().any(|step| {
            !step.does_nothing()
                && !old.iter().any(|known| known.words == step.words)
                && runner(step).is_none_or(|runner| runner.purpose == purpose)
        });
        if lost.is_empty() || after.len() >= before.len() || stands_in {
            continue;
        }
        let severity = match (purpose, after.is_empty()) {
            (Purpose::Test, true) => Severity::Error,
            _ => Severity::Warning,
        };
        let what = format!("{} are no longer run by {}", purpose.noun(), super::named(&lost));
        found.push(Loss { severity, what, needle: String::new() });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> Vec<Runner> {
        runners(&steps(script))
    }

    #[test]
    fn a_linter_that_is_told_to_find_less_is_told() {
        for (before, after, expected) in [
            (
                "shellcheck -S warning a",
                "shellcheck -S error a",
                "`shellcheck` is limited by `-S error`",
            ),
            ("shellcheck -S error a", "shellcheck -S warning a", ""),
            (
                "shellcheck -e SC1 a",
                "shellcheck -e SC1,SC2 a",
                "`shellcheck` is limited by `-e SC2`",
            ),
            ("ruff check .", "ruff check --ignore F401 .", "`ruff` is limited by `--ignore F401`"),
            ("ruff check .", "ruff check --exclude docs .", ""),
        ] {
            let (had, has) = (of(before), of(after));
            let known: Vec<&Runner> = had.iter().collect();
            let found: Vec<String> =
                gained_limits(&known, &has[0]).into_iter().map(|loss| loss.what).collect();
            assert_eq!(found.join("; "), expected, "{before} -> {after}");
        }
    }

    #[test]
    fn a_linter_that_counts_less_is_told_unless_it_is_asked_in_another_way() {
        let lost = |before: &str, after: &str, beside: &str| -> Vec<String> {
            let found = relaxed(&of(before), &of(after), &of(beside));
            found.into_iter().map(|loss| loss.what).collect()
        };
        let said = "`cargo clippy` is no longer called with `-D warnings`";
        assert_eq!(lost("cargo clippy -- -D warnings", "cargo clippy", ""), [said]);
        for (before, after, beside) in [
            ("cargo clippy -- -D warnings", "cargo clippy --all -- -D warnings", ""),
            ("cargo clippy -- -D warnings", "cargo clippy -- -Dwarnings", ""),
            ("cargo clippy -- -D warnings", "cargo clippy", "cargo clippy -- -D warnings"),
            ("cargo clippy", "cargo clippy", ""),
            ("cargo clippy -- -D warnings", "cargo test", ""),
        ] {
            assert_eq!(lost(before, after, beside), [""; 0], "{before} -> {after}");
        }
    }
}
