//! Table: which arguments let a linter or type checker find less, and which make it count more.

use super::Runner;

/// Options whose values are rules that are not looked for, by linters; those of none are of all. Files that are
/// left out are often written by programs.
const LEAVING_OUT: &[(&[&str], &[&str])] = &[
    (
        &[],
        &[
            "--ignore",
            "--disable",
            "--extend-ignore",
            "--per-file-ignores",
            "--disable-error-code",
            "--ignore-words-list",
        ],
    ),
    (&["shellcheck"], &["-e", "--exclude"]),
    (&["pylint"], &["-d"]),
    (&["golangci-lint"], &["-D"]),
    (&["cargo clippy"], &["-A", "--allow", "--cap-lints"]),
];

/// Arguments, each with its value if it has one, without which less is wrong.
const DEMANDS: &[(&str, Option<&str>)] = &[
    ("-D", Some("warnings")),
    ("-Dwarnings", None),
    ("--deny", Some("warnings")),
    ("--deny-warnings", None),
    ("--strict", None),
    ("--max-warnings", Some("0")),
    ("--max-warnings=0", None),
    ("--error-on-warnings", None),
    ("-Werror", None),
];

/// How bad a finding has to be, for shellcheck: the further to the right, the less is told.
const LEVELS: &[&str] = &["style", "info", "warning", "error"];

/// What a linter does not look at, one value each.
pub(super) fn limits(linter: &Runner) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    let mut args = linter.args.iter();
    while let Some(arg) = args.next() {
        let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(n, v)| (n, Some(v)));
        let is_level = linter.name == "shellcheck" && matches!(name, "-S" | "--severity");
        if !is_level && !leaves_out(linter, name) {
            continue;
        }
        let value = value.map(str::to_owned).or_else(|| args.next().cloned()).unwrap_or_default();
        if is_level {
            // Whoever is told of errors only is not told of warnings either.
            let level = LEVELS.iter().position(|level| *level == value).unwrap_or(0);
            let quieter = LEVELS.iter().take(level + 1).skip(1);
            found.extend(quieter.map(|level| ("-S".to_owned(), Some((*level).to_owned()))));
        } else {
            let values = value.split(',').map(str::trim).filter(|value| !value.is_empty());
            found.extend(values.map(|value| (name.to_owned(), Some(value.to_owned()))));
        }
    }
    found
}

fn leaves_out(linter: &Runner, name: &str) -> bool {
    let mut of_all = LEAVING_OUT
        .iter()
        .filter(|(linters, _)| linters.is_empty() || linters.contains(&linter.name.as_str()));
    of_all.any(|(_, options)| options.contains(&name))
}

/// What makes a linter count more, as it is written.
pub(crate) fn demands(linter: &Runner) -> Vec<String> {
    let args = &linter.args;
    let is_there = |(name, value): &(&str, Option<&str>)| {
        args.iter().enumerate().any(|(at, arg)| {
            arg == name
                && value.is_none_or(|value| args.get(at + 1).is_some_and(|next| next == value))
        })
    };
    let there = DEMANDS.iter().filter(|demand| is_there(demand));
    there
        .map(|(name, value)| value.map_or((*name).to_owned(), |value| format!("{name} {value}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Purpose, runner, steps};
    use super::*;

    fn linter(script: &str) -> Runner {
        let found = runner(&steps(script)[0]).unwrap();
        assert_eq!(found.purpose, Purpose::Lint, "{script}");
        found
    }

    fn shown(script: &str) -> String {
        let shown = |(option, value): (String, Option<String>)| {
            format!("{option} {}", value.unwrap_or_default())
        };
        limits(&linter(script)).into_iter().map(shown).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_a_linter_does_not_look_at_is_known() {
        for (script, expected) in [
            ("shellcheck -s sh -e SC1,SC2 a.sh", "-e SC1; -e SC2"),
            ("shellcheck -S error a.sh", "-S info; -S warning; -S error"),
            ("shellcheck --severity=style a.sh", ""),
            ("ruff check --ignore=E501,F401 .", "--ignore E501; --ignore F401"),
            ("flake8 --extend-ignore E203", "--extend-ignore E203"),
            ("cargo clippy --all -- -A clippy::all", "-A clippy::all"),
            ("eslint -A x", ""),
            ("ruff check --exclude docs", ""),
            ("shellcheck --exclude=SC1 a.sh", "--exclude SC1"),
            ("mypy --ignore", ""),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }

    #[test]
    fn what_makes_a_linter_count_more_is_known() {
        assert_eq!(demands(&linter("cargo clippy -- -D warnings")), ["-D warnings"]);
        assert_eq!(demands(&linter("mypy --strict .")), ["--strict"]);
        assert_eq!(demands(&linter("eslint --max-warnings 5 .")), [""; 0]);
    }
}
